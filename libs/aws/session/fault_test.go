package session_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// answered returns an answer of AWS with this code and status.
func answered(code string, status int) error {
	return &awshttp.ResponseError{RequestID: "r-1", ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}},
		Err:      &smithy.GenericAPIError{Code: code, Message: "message of AWS"},
	}}
}

func TestAnAWSErrorNamesItsActor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		kind    fault.Kind
		class   fault.Class
		actor   fault.Actor
		inDoubt bool
		calls   int // 0 means one call
	}{
		"no permission":                   {err: answered("UnauthorizedOperation", 403), kind: fault.Denied, class: fault.Permission, actor: fault.AccountAdministrator},
		"unknown credentials":             {err: answered("AuthFailure", 401), kind: fault.Unauthenticated, class: fault.Auth, actor: fault.AccountAdministrator},
		"a quota in the table":            {err: answered("VpcLimitExceeded", 400), kind: fault.Exhausted, class: fault.Quota, actor: fault.AccountAdministrator},
		"a quota outside the table":       {err: answered("SubnetLimitExceeded", 400), kind: fault.Exhausted, class: fault.Quota, actor: fault.AccountAdministrator},
		"a resource that is still in use": {err: answered("DependencyViolation", 400), kind: fault.Unavailable, class: fault.Dependency, actor: fault.ActorNone},
		"a resource that does not exist":  {err: answered("InvalidVpcID.NotFound", 400), kind: fault.NotFound, class: fault.Dependency, actor: fault.ActorNone},
		"an invalid declaration":          {err: answered("InvalidParameterValue", 400), kind: fault.Precondition, class: fault.Configuration, actor: fault.User},
		"no capacity, with status 500":    {err: answered("InsufficientInstanceCapacity", 500), kind: fault.Unavailable, class: fault.Capacity, actor: fault.ActorNone},
		"a throttle, with status 503":     {err: answered("RequestLimitExceeded", 503), kind: fault.Exhausted, class: fault.Rate, actor: fault.ActorNone, calls: 3},
		"an internal error":               {err: answered("InternalError", 500), kind: fault.Unavailable, class: fault.Transient, actor: fault.ActorNone, inDoubt: true},
		"a 5xx with any code":             {err: answered("InvalidParameterValue", 502), kind: fault.Unavailable, class: fault.Transient, actor: fault.ActorNone, inDoubt: true},
		"no answer":                       {err: errors.New("connection reset by peer"), kind: fault.Unavailable, class: fault.Transient, actor: fault.ActorNone, inDoubt: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *awssim.Simulation, config aws.Config, calls *ratelimit.Limiter) {
				w.Inject(awssim.Faults{Before: func(awssim.Call) error { return test.err }})
				_, err := ec2.NewFromConfig(config).CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
				var f *fault.Fault
				require.ErrorAs(t, err, &f)
				require.Equal(t, test.kind, f.Kind)
				require.Equal(t, test.class, f.Class)
				require.Equal(t, test.actor, f.Actor())
				require.Equal(t, test.inDoubt, f.Uncertain)
				require.Equal(t, "EC2 CreateVpc", f.Operation)
				require.NotEmpty(t, f.Remedy+f.Message)
				require.ErrorIs(t, err, test.err)
				require.Len(t, w.Calls(), max(test.calls, 1), "only a throttled call is retried at once")
				if api := (smithy.APIError)(nil); errors.As(test.err, &api) {
					require.Equal(t, api.ErrorCode(), f.AWSCode)
					require.Equal(t, api.ErrorCode(), errorclass.Code(err))
					require.Equal(t, "r-1", f.RequestID)
				} else {
					require.Empty(t, f.AWSCode, "without an answer the effect is uncertain")
				}
				require.Equal(t, max(test.calls, 1)*map[bool]int{true: 1}[test.class == fault.Rate], calls.Throttles())
			})
		})
	}
}

func TestAnswersOfAWSAreClassified(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config, _ *ratelimit.Limiter) {
		api := ec2.NewFromConfig(config)
		_, err := api.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: aws.String("vpc-0123456789abcdef0")})
		require.True(t, errorclass.IsNotFound(err), "%v", err)
		require.NoError(t, errorclass.IgnoreNotFound(err))
		_, err = iam.NewFromConfig(config).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("none")})
		require.True(t, errorclass.IsNotFound(err), "%v", err)

		vpc, err := api.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		require.NoError(t, err)
		_, err = api.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/20")})
		require.NoError(t, err)
		_, err = api.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: vpc.Vpc.VpcId})
		f := fault.Of(err)
		require.Equal(t, fault.Dependency, f.Class)
		require.NotEmpty(t, f.RequestID)
		require.False(t, errorclass.IsNotFound(err))
		require.ErrorIs(t, errorclass.IgnoreNotFound(err), err)
		_, err = api.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/20")})
		require.Equal(t, fault.User, fault.Of(err).Actor())
	})
}

func TestTheEffectOfAnUnsentCallIsCertain(t *testing.T) {
	t.Parallel()
	create := &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}
	t.Run("because the budget is spent", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *awssim.Simulation, config aws.Config, calls *ratelimit.Limiter) {
			spend(t, calls, ratelimit.Call{Account: account, Region: region, Service: "EC2", Operation: "CreateVpc"}, 50)
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err := ec2.NewFromConfig(config).CreateVpc(ctx, create)
			f := fault.Of(err)
			require.Equal(t, fault.Rate, f.Class)
			require.Equal(t, "NotSent", f.AWSCode)
			require.False(t, f.Uncertain)
			require.Empty(t, w.Calls())
		})
	})
	t.Run("because there are no credentials", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *awssim.Simulation, _ aws.Config, _ *ratelimit.Limiter) {
			session := open(t, w, func(context.Context, string) (aws.Credentials, error) {
				return aws.Credentials{}, &fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, Message: "no replica of identity is running", Uncertain: true}
			})
			_, err := ec2.NewFromConfig(session.Config).CreateVpc(t.Context(), create)
			f := fault.Of(err)
			require.Equal(t, fault.Unavailable, f.Kind)
			require.Equal(t, "NotSent", f.AWSCode)
			require.False(t, f.Uncertain)
			require.Contains(t, f.Message, "no replica of identity is running")
			require.Empty(t, w.Calls())
		})
	})
}
