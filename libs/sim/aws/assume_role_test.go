package aws_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestARoleIsAssumedWithItsExternalID(t *testing.T) {
	const customer, role = "444455556666", "arn:aws:iam::444455556666:role/skep-network"
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		ctx := t.Context()
		require.NoError(t, w.PutRole(customer, "skep-network", "secret-7"))
		cfg := w.Config(account, region)
		client := sts.NewFromConfig(cfg)
		for name, in := range map[string]*sts.AssumeRoleInput{
			"no external id":      {RoleArn: aws.String(role), RoleSessionName: aws.String("test")},
			"another external id": {RoleArn: aws.String(role), RoleSessionName: aws.String("test"), ExternalId: aws.String("guess")},
			"no such role":        {RoleArn: aws.String("arn:aws:iam::444455556666:role/admin"), RoleSessionName: aws.String("test"), ExternalId: aws.String("secret-7")},
		} {
			_, err := client.AssumeRole(ctx, in)
			t.Log(name)
			refused(t, "AccessDenied", err)
		}
		_, err := client.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("test"), DurationSeconds: aws.Int32(60)})
		refused(t, "ValidationError", err)

		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
			o.ExternalID = aws.String("secret-7")
			o.Tags = []types.Tag{{Key: aws.String("cluster"), Value: aws.String("orchid")}}
			o.Duration = 15 * time.Minute
		}))
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		require.NoError(t, err)
		require.Equal(t, customer, *who.Account)
		createVPC(t, ec2.NewFromConfig(cfg), "orchid")
		require.True(t, w.Empty(account))
		require.False(t, w.Empty(customer))
		require.Equal(t, "skep-network", w.Ledger()[0].CreatedBy)

		kept, err := cfg.Credentials.Retrieve(ctx)
		require.NoError(t, err)
		time.Sleep(15 * time.Minute)
		cfg.Credentials = credentials.StaticCredentialsProvider{Value: kept}
		_, err = ec2.NewFromConfig(cfg).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		refused(t, "ExpiredToken", err)
	})
}
