package aws_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

// bubble runs a test on its own simulation, in virtual time.
func bubble(t *testing.T, options awssim.Options, test func(t *testing.T, w *awssim.Simulation, c *ec2.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(options)
		require.NoError(t, err)
		test(t, w, client(w))
	})
}

func client(w *awssim.Simulation) *ec2.Client { return ec2.NewFromConfig(w.Config(account, region)) }

// impatient makes a client give up after the first refusal.
func impatient(o *ec2.Options) { o.RetryMaxAttempts = 1 }

// refused requires the AWS error code.
func refused(t *testing.T, code string, err error) {
	t.Helper()
	_ = refusedOverHTTP(t, code, err)
}

// refusedOverHTTP requires the AWS error code, and returns the HTTP response.
func refusedOverHTTP(t *testing.T, code string, err error) *awshttp.ResponseError {
	t.Helper()
	require.Error(t, err)
	refusal, ok := errors.AsType[smithy.APIError](err)
	require.True(t, ok, "not of AWS: %v", err)
	require.Equal(t, code, refusal.ErrorCode(), err.Error())
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	require.True(t, ok)
	require.NotEmpty(t, response.ServiceRequestID())
	return response
}

func tags(kind types.ResourceType, name string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String(name)}}}}
}

func createVPC(t *testing.T, c *ec2.Client, name string) *string {
	t.Helper()
	out, err := c.CreateVpc(t.Context(), &ec2.CreateVpcInput{
		CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: tags(types.ResourceTypeVpc, name),
	})
	require.NoError(t, err)
	return out.Vpc.VpcId
}

func TestACallTakesExactlyItsLatencyWithoutSpread(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		start := time.Now()
		createVPC(t, c, "orchid")
		require.Equal(t, awssim.Latency("CreateVpc"), time.Since(start))
	})
	bubble(t, awssim.Options{Scale: 20}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		start := time.Now()
		createVPC(t, c, "orchid")
		require.Equal(t, awssim.Latency("CreateVpc")/20, time.Since(start))
	})
	bubble(t, awssim.Options{Spread: awssim.TypicalSpread, Seed: 7}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		start := time.Now()
		createVPC(t, c, "orchid")
		require.NotEqual(t, awssim.Latency("CreateVpc"), time.Since(start))
		require.InDelta(t, awssim.Latency("CreateVpc"), time.Since(start), 0.2*float64(awssim.Latency("CreateVpc")))
	})
}

func TestACallerMayGiveUpBeforeOrAfterTheEffect(t *testing.T) {
	for name, test := range map[string]struct {
		patience time.Duration
		acted    bool
	}{
		"before the effect nothing has happened": {awssim.Latency("CreateVpc") / 4, false},
		"after the effect the response is lost":  {awssim.Latency("CreateVpc") * 3 / 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				_, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, test.acted, !w.Empty(account))
			})
		})
	}
}

func TestAnEmptyTokenBucketThrottlesAndRefills(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		errs := make(chan error, 5)
		endpoint := func() {
			_, err := c.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{VpcId: vpc, ServiceName: aws.String("com.amazonaws.eu-central-1.s3")}, impatient)
			errs <- err
		}
		for range 5 { // the bucket has four tokens
			go endpoint()
		}
		var refusals []error
		for range 5 {
			if err := <-errs; err != nil {
				refusals = append(refusals, err)
			}
		}
		require.Len(t, refusals, 1)
		require.Equal(t, 503, refusedOverHTTP(t, "RequestLimitExceeded", refusals[0]).HTTPStatusCode())
		require.Equal(t, 1, w.Throttles())
		require.Equal(t, map[string]int{"CreateVpcEndpoint": 1}, w.CountThrottles())

		time.Sleep(4 * time.Second) // the bucket gains 0.3 tokens per second
		endpoint()
		require.NoError(t, <-errs)
		w.ResetCalls()
		require.Zero(t, w.Throttles())
	})
}

func TestAClientTokenCreatesOneResource(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		create := func(token, name string) (*ec2.CreateRouteTableOutput, error) {
			return c.CreateRouteTable(t.Context(), &ec2.CreateRouteTableInput{
				VpcId: vpc, ClientToken: aws.String(token), TagSpecifications: tags(types.ResourceTypeRouteTable, name),
			})
		}
		first, err := create("one", "public")
		require.NoError(t, err)
		again, err := create("one", "public")
		require.NoError(t, err)
		require.Equal(t, first.RouteTable.RouteTableId, again.RouteTable.RouteTableId)
		_, err = create("one", "private")
		refused(t, "IdempotentParameterMismatch", err)
		other, err := create("two", "private")
		require.NoError(t, err)
		require.NotEqual(t, first.RouteTable.RouteTableId, other.RouteTable.RouteTableId)

		_, err = c.DeleteRouteTable(t.Context(), &ec2.DeleteRouteTableInput{RouteTableId: first.RouteTable.RouteTableId})
		require.NoError(t, err)
		reborn, err := create("one", "public")
		require.NoError(t, err)
		require.NotEqual(t, first.RouteTable.RouteTableId, reborn.RouteTable.RouteTableId)
	})
}

func TestDescribesLagBehindCreates(t *testing.T) {
	bubble(t, awssim.Options{Lag: 10 * time.Second, TagLag: 30 * time.Second}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		count := func(in *ec2.DescribeVpcsInput) int {
			out, err := c.DescribeVpcs(t.Context(), in)
			require.NoError(t, err)
			return len(out.Vpcs)
		}
		byID := &ec2.DescribeVpcsInput{VpcIds: []string{*vpc}}
		byTag := &ec2.DescribeVpcsInput{Filters: []types.Filter{{Name: aws.String("tag:Name"), Values: []string{"orch*"}}}}
		_, err := c.DescribeVpcs(t.Context(), byID)
		refused(t, "InvalidVpcID.NotFound", err)
		require.Zero(t, count(byTag))

		time.Sleep(10 * time.Second)
		require.Equal(t, 1, count(byID))
		require.Zero(t, count(byTag))

		time.Sleep(20 * time.Second)
		require.Equal(t, 1, count(byTag))
	})
}

func TestFaultsReplaceLoseAndDelayAnswers(t *testing.T) {
	create := func(t *testing.T, c *ec2.Client) error {
		_, err := c.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}, impatient)
		return err
	}
	broken := func(awssim.Call) error { return io.ErrUnexpectedEOF }
	t.Run("before the call acted nothing has happened", func(t *testing.T) {
		bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
			w.Inject(awssim.Faults{Before: broken})
			require.ErrorIs(t, create(t, c), io.ErrUnexpectedEOF)
			require.True(t, w.Empty(account))
		})
	})
	t.Run("after the call acted only the response is lost", func(t *testing.T) {
		bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
			w.Inject(awssim.Faults{After: broken})
			require.ErrorIs(t, create(t, c), io.ErrUnexpectedEOF)
			require.False(t, w.Empty(account))
		})
	})
	t.Run("late calls time out at once and act later", func(t *testing.T) {
		bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
			w.Inject(awssim.Faults{Late: func(_ awssim.Call) time.Duration { return time.Minute }})
			start := time.Now()
			require.ErrorIs(t, create(t, c), context.DeadlineExceeded)
			require.Zero(t, time.Since(start))
			time.Sleep(59 * time.Second)
			require.True(t, w.Empty(account))
			time.Sleep(time.Second)
			require.False(t, w.Empty(account))
		})
	})
	t.Run("a refusal of choice is retried by the SDK as if AWS had made it", func(t *testing.T) {
		bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
			w.Inject(awssim.Faults{Before: func(c awssim.Call) error {
				if c.N == 1 {
					return &smithy.GenericAPIError{Code: "InternalError", Message: "An internal error has occurred"}
				}
				return nil
			}})
			_, err := c.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
			require.NoError(t, err)
			calls := w.Calls()
			require.Len(t, calls, 2)
			require.Equal(t, "InternalError", calls[0].Code)
			require.Empty(t, calls[1].Code)
		})
	})
}

func TestInputThatIsNotSimulatedPanics(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		require.PanicsWithValue(t, "awssim: EC2 CreateCarrierGateway is not simulated", func() {
			_, _ = c.CreateCarrierGateway(t.Context(), &ec2.CreateCarrierGatewayInput{VpcId: aws.String("vpc-0")})
		})
		require.PanicsWithValue(t, "awssim: CreateVpc: field Ipv6Pool is not simulated", func() {
			_, _ = c.CreateVpc(t.Context(), &ec2.CreateVpcInput{Ipv6Pool: aws.String("pool")})
		})
		require.PanicsWithValue(t, "awssim: DescribeVpcs: filter dhcp-options-id is not simulated", func() {
			_, _ = c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{Filters: []types.Filter{{Name: aws.String("dhcp-options-id"), Values: []string{"x"}}}})
		})
		require.True(t, w.Empty(account), "a panic leaves the simulation usable")
	})
}

func TestEveryAnswerCarriesARequestID(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		out, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		require.NoError(t, err)
		id, ok := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		require.True(t, ok)
		_, err = c.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: aws.String("vpc-12345678")})
		require.NotEqual(t, id, refusedOverHTTP(t, "InvalidVpcID.NotFound", err).ServiceRequestID())
	})
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("AKIDSTRANGER", "secret", "")}
		w.Install(&cfg)
		_, err := ec2.NewFromConfig(cfg).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		refused(t, "AuthFailure", err)
	})
}

func TestAccountsAndRegionsAreSeparate(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		for _, other := range []aws.Config{w.Config("444455556666", region), w.Config(account, "us-east-1")} {
			_, err := ec2.NewFromConfig(other).DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: vpc})
			refused(t, "InvalidVpcID.NotFound", err)
		}
		require.True(t, w.Empty("444455556666"))
	})
}

func TestQuotasCanBeSet(t *testing.T) {
	bubble(t, awssim.Options{Quotas: map[string]int{"VpcsPerRegion": 1}}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		createVPC(t, c, "orchid")
		_, err := c.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})
		refused(t, "VpcLimitExceeded", err)
	})
}
