package session_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// open opens a session in simulated AWS with the credentials that issue returns.
func open(t *testing.T, w *awssim.Simulation, issue func(context.Context, string) (aws.Credentials, error)) *session.Session {
	t.Helper()
	c := session.New(session.Options{Issue: issue, Base: func(_ context.Context, region string) (aws.Config, error) {
		config := aws.Config{Region: region}
		w.Install(&config)
		return config, nil
	}})
	session, err := c.Session(t.Context(), "organizations/acme/accounts/main", region)
	require.NoError(t, err)
	again, err := c.Session(t.Context(), "organizations/acme/accounts/main", region)
	require.NoError(t, err)
	require.Same(t, session, again)
	return session
}

func TestCredentialsAreReusedForFourFifthsOfTheirLifetime(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *awssim.Simulation, _ aws.Config, _ *ratelimit.Limiter) {
		issued := 0
		session := open(t, w, func(_ context.Context, name string) (aws.Credentials, error) {
			require.Equal(t, "organizations/acme/accounts/main", name)
			issued++
			return aws.Credentials{AccessKeyID: w.AccessKey(account), SecretAccessKey: "secret", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
		})
		require.Zero(t, issued, "opening a session issues no credentials")
		call := func() {
			_, err := ec2.NewFromConfig(session.Config).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
			require.NoError(t, err)
		}
		began := time.Now()
		for _, step := range []struct {
			after  time.Duration
			issued int
		}{{0, 1}, {30 * time.Minute, 1}, {48*time.Minute - time.Second, 1}, {48*time.Minute + time.Second, 2}, {95 * time.Minute, 2}, {97 * time.Minute, 3}} {
			time.Sleep(time.Until(began.Add(step.after)))
			call()
			require.Equal(t, step.issued, issued, step.after)
		}
	})
}

// The tracer provider is global to the process, so this test does not run in parallel.
func TestEveryCallHasASpan(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)))
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	inBubble(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config, _ *ratelimit.Limiter) {
		api := ec2.NewFromConfig(config)
		_, err := api.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		require.NoError(t, err)
		_, err = api.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: aws.String("vpc-0123456789abcdef0")})
		require.Error(t, err)
		made := spans.GetSpans()
		require.Len(t, made, 2)
		for i, operation := range []string{"DescribeVpcs", "DeleteVpc"} {
			require.Equal(t, "EC2 "+operation, made[i].Name)
			require.Equal(t, trace.SpanKindClient, made[i].SpanKind)
			attributes := make(map[string]string)
			for _, attribute := range made[i].Attributes {
				attributes[string(attribute.Key)] = attribute.Value.AsString()
			}
			require.NotEmpty(t, attributes["aws.request_id"], operation)
			delete(attributes, "aws.request_id")
			require.Equal(t, map[string]string{"rpc.system": "aws-api", "rpc.service": "EC2", "rpc.method": operation, "cloud.region": region}, attributes)
		}
		require.Equal(t, codes.Unset, made[0].Status.Code)
		require.Equal(t, codes.Error, made[1].Status.Code)
		require.Equal(t, fault.Of(err).Error(), made[1].Status.Description)
	})
}

func TestTagsOfTheOwnerCannotBeShadowed(t *testing.T) {
	t.Parallel()
	owner := session.Owner{Installation: "i1", Organization: "acme", Cluster: "uid1", ClusterName: "orchid", Component: "networks/orchid"}
	tags := owner.Tags("vpc", "token-1",
		session.Tag{Key: "Name", Value: "forged"}, session.Tag{Key: session.TagInstallation, Value: "forged"}, session.Tag{Key: session.TagIntent, Value: "forged"},
		session.Tag{Key: session.TagPrefix + "anything", Value: "forged"}, owner.KubernetesTag("owned"), session.Tag{Key: "team", Value: "a"}, session.Tag{Key: "team", Value: "b"})
	require.Equal(t, []session.Tag{
		{Key: "Name", Value: "orchid/vpc"},
		{Key: "skep.dev/installation", Value: "i1"},
		{Key: "skep.dev/organization", Value: "acme"},
		{Key: "skep.dev/cluster", Value: "uid1"},
		{Key: "skep.dev/resource", Value: "networks/orchid/vpc"},
		{Key: "skep.dev/intent", Value: "token-1"},
		{Key: "kubernetes.io/cluster/uid1", Value: "owned"},
		{Key: "team", Value: "a"},
	}, tags, "AWS refuses a create with two tags of one key")
	specification := owner.EC2Tags(types.ResourceTypeVpc, "vpc", "token-1")
	require.Len(t, specification, 1)
	require.Equal(t, types.ResourceTypeVpc, specification[0].ResourceType)
	require.Len(t, specification[0].Tags, 6)
}

func TestTwoResourcesOfOneIntentAreAFault(t *testing.T) {
	t.Parallel()
	none, err := session.Only([]string(nil))
	require.NoError(t, err)
	require.Nil(t, none)
	one, err := session.Only([]string{"vpc-1"})
	require.NoError(t, err)
	require.Equal(t, "vpc-1", *one)
	_, err = session.Only([]string{"vpc-1", "vpc-2"})
	require.Equal(t, fault.User, fault.Of(err).Actor())
}
