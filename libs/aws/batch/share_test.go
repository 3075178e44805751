package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// createGroups creates security groups and returns their ids.
func createGroups(t *testing.T, config aws.Config, n int) []string {
	t.Helper()
	api, vpc := ec2.NewFromConfig(config), createVPC(t, config)
	made := make([]string, n)
	for i := range made {
		out, err := api.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
			VpcId: aws.String(vpc), GroupName: aws.String(fmt.Sprint("group-", i)), Description: aws.String("a test"),
			TagSpecifications: session.Owner{}.EC2Tags(types.ResourceTypeSecurityGroup, "group", fmt.Sprint("intent-", i)),
		})
		require.NoError(t, err)
		made[i] = aws.ToString(out.GroupId)
	}
	return made
}

// group reads one security group.
func group(ctx context.Context, config aws.Config, id string) error {
	out, err := ec2.NewFromConfig(config).DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	if err == nil && (len(out.SecurityGroups) != 1 || aws.ToString(out.SecurityGroups[0].GroupId) != id) {
		return fmt.Errorf("requested %s and received %d others", id, len(out.SecurityGroups))
	}
	return err
}

// all runs n calls concurrently and returns their errors.
func all(n int, call func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = call(i) })
	}
	wg.Wait()
	return errs
}

func TestAThousandReadsTakeFiveCalls(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		groups := createGroups(t, w.Config(account, region), 1000)
		api := ec2.NewFromConfig(s.Config)
		for name, test := range map[string]struct {
			call  func(i int) error
			calls int
		}{
			"by id": {func(i int) error { return group(t.Context(), s.Config, groups[i]) }, 5},
			"by intent": {func(i int) error {
				out, err := api.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: session.ByIntent(fmt.Sprint("intent-", i))})
				if err == nil && (len(out.SecurityGroups) != 1 || aws.ToString(out.SecurityGroups[0].GroupId) != groups[i]) {
					return errors.New("received the answer of another caller")
				}
				return err
			}, 5},
			"with equal input": {func(int) error { return group(t.Context(), s.Config, groups[0]) }, 1},
		} {
			w.ResetCalls()
			began := time.Now()
			require.NoError(t, errors.Join(all(1000, test.call)...), name)
			require.Equal(t, map[string]int{"DescribeSecurityGroups": test.calls}, w.CountCalls(), name)
			require.Less(t, time.Since(began), 100*time.Millisecond, name)
		}
	})
}

func TestAReadNeverJoinsACallAlreadySent(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		api := ec2.NewFromConfig(s.Config)
		vpc := createVPC(t, s.Config)
		w.ResetCalls()
		w.Inject(awssim.Faults{After: func(c awssim.Call) error {
			if c.N == 1 {
				time.Sleep(500 * time.Millisecond) // The answer is delayed while the group is created.
			}
			return nil
		}})
		count := func() int {
			out, err := api.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}}})
			require.NoError(t, err)
			return len(out.SecurityGroups)
		}
		early := make(chan int)
		go func() { early <- count() }()
		time.Sleep(100 * time.Millisecond)
		_, err := api.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: aws.String(vpc), GroupName: aws.String("late"), Description: aws.String("a test")})
		require.NoError(t, err)
		require.Equal(t, 2, count(), "the default group and the new one")
		require.Equal(t, 1, <-early)
		require.Equal(t, 2, w.CountCalls()["DescribeSecurityGroups"])
	})
}

func TestReadsCollectWhileACallIsInProgress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hangs time.Duration
		after time.Duration // upper bound of the start of the second call
	}{
		"a slow call":  {500 * time.Millisecond, 600 * time.Millisecond},
		"a hung call":  {time.Minute, 1100 * time.Millisecond},
		"a quick call": {0, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
				groups := createGroups(t, w.Config(account, region), 20)
				w.ResetCalls()
				w.Inject(awssim.Faults{After: func(c awssim.Call) error {
					if c.N == 1 {
						time.Sleep(test.hangs)
					}
					return nil
				}})
				first := make(chan error)
				began := time.Now()
				go func() { first <- group(t.Context(), s.Config, groups[0]) }()
				time.Sleep(10 * time.Millisecond)
				require.NoError(t, errors.Join(all(19, func(i int) error {
					time.Sleep(time.Duration(i) * time.Millisecond)
					return group(t.Context(), s.Config, groups[i+1])
				})...))
				calls := w.Calls()
				require.Len(t, calls, 2)
				require.Less(t, calls[1].At.Sub(began), test.after)
				require.NoError(t, <-first)
			})
		})
	}
}

func TestEveryCallerReceivesTheErrorOfTheCall(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		groups := createGroups(t, w.Config(account, region), 10)
		w.ResetCalls()
		w.Inject(awssim.Faults{Before: func(awssim.Call) error { return errors.New("connection reset") }})
		for _, err := range all(10, func(i int) error { return group(t.Context(), s.Config, groups[i]) }) {
			require.ErrorContains(t, err, "connection reset")
			require.Equal(t, fault.Transient, fault.Of(err).Class)
		}
		require.Len(t, w.Calls(), 1)
		w.Inject(awssim.Faults{})
		require.NoError(t, group(t.Context(), s.Config, groups[0]), "the next read does not receive the error")
	})
}

func TestOnlyTheReaderOfADeletedResourceGetsNotFound(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		config := w.Config(account, region)
		groups := createGroups(t, config, 20)
		vpc := createVPC(t, config)
		balancers := elb.NewFromConfig(config)
		var arns []string
		for i := range 20 {
			out, err := balancers.CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{Name: aws.String(fmt.Sprint("group-", i)), VpcId: aws.String(vpc), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(80)})
			require.NoError(t, err)
			arns = append(arns, aws.ToString(out.TargetGroups[0].TargetGroupArn))
		}
		groups[7], arns[7] = "sg-0123456789abcdef0", arns[7]+"0"
		for name, test := range map[string]struct {
			call  func(i int) error
			code  string
			calls int
		}{
			"by a filter": {func(i int) error { return group(t.Context(), s.Config, groups[i]) }, "InvalidGroup.NotFound", 1},
			// One call for all, then two calls at each of at most five halvings.
			"by a list": {func(i int) error {
				_, err := elb.NewFromConfig(s.Config).DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{arns[i]}})
				return err
			}, "TargetGroupNotFound", 11},
		} {
			w.ResetCalls()
			for i, err := range all(20, test.call) {
				if i != 7 {
					require.NoError(t, err, name)
					continue
				}
				require.Equal(t, test.code, errorclass.Code(err), name)
				require.True(t, errorclass.IsNotFound(err), name)
				require.Equal(t, fault.NotFound, fault.Of(err).Kind, name)
			}
			require.LessOrEqual(t, len(w.Calls()), test.calls, name)
		}
	})
}

func TestARefusedBatchIsHalved(t *testing.T) {
	t.Parallel()
	for code, calls := range map[string]int{
		"InvalidParameterValue": 3, // one call for all, then one for each half
		"AuthFailure":           1, // a call of its own would fail for every caller
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
				groups := createGroups(t, w.Config(account, region), 10)
				w.ResetCalls()
				w.Inject(awssim.Faults{Before: func(c awssim.Call) error {
					if c.N == 1 {
						return &smithy.GenericAPIError{Code: code}
					}
					return nil
				}})
				err := errors.Join(all(10, func(i int) error { return group(t.Context(), s.Config, groups[i]) })...)
				require.Equal(t, calls == 1, err != nil, err)
				require.Len(t, w.Calls(), calls)
			})
		})
	}
}

func TestACanceledReadDoesNotFailOtherReads(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		groups := createGroups(t, w.Config(account, region), 10)
		w.ResetCalls()
		ctx, cancel := context.WithCancel(t.Context())
		for i, err := range all(10, func(i int) error {
			if i%2 == 0 {
				return group(t.Context(), s.Config, groups[i])
			}
			time.AfterFunc(50*time.Millisecond, cancel) // the call is in progress
			return group(ctx, s.Config, groups[i])
		}) {
			if i%2 == 0 {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, context.Canceled)
		}
		require.Len(t, w.Calls(), 1)

		w.ResetCalls()
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, group(brief, s.Config, groups[0]), context.DeadlineExceeded)
		require.NoError(t, group(t.Context(), s.Config, groups[1]))
		require.Len(t, w.Calls(), 1, "a read without callers is not sent")
	})
}

func TestMutatingCallsAreNeverShared(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		require.NoError(t, errors.Join(all(5, func(int) error {
			_, err := ec2.NewFromConfig(s.Config).CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
			return err
		})...))
		require.Equal(t, 5, w.CountCalls()["CreateVpc"])
	})
}

func TestReadsThatCannotBeCombinedAreSentAlone(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		groups := createGroups(t, w.Config(account, region), 6)
		w.ResetCalls()
		api := ec2.NewFromConfig(s.Config)
		inputs := []*ec2.DescribeSecurityGroupsInput{
			{GroupIds: groups[:1]},
			{GroupIds: groups[:1], Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{"group-0"}}}},
			{Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{"group-0"}}}},
			{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{groups[0][:12] + "*"}}}},
			{MaxResults: aws.Int32(5), Filters: []types.Filter{{Name: aws.String("group-id"), Values: groups[:1]}}},
			{},
		}
		require.NoError(t, errors.Join(all(2*len(inputs), func(i int) error {
			_, err := api.DescribeSecurityGroups(t.Context(), inputs[i/2])
			return err
		})...))
		require.Len(t, w.Calls(), len(inputs))
	})
}

func TestEveryPageOfASharedAnswerIsRead(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, _ *awssim.Simulation, s *session.Session) {
		config := s.Config.Copy()
		requested := 0
		config.APIOptions = append(slices.Clone(config.APIOptions), func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Pages", func(
				_ context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
			) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
				requested++
				page := &ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{{VpcId: aws.String(fmt.Sprint("vpc-", requested))}}}
				if requested < 3 {
					page.NextToken = aws.String(fmt.Sprint("page-", requested+1))
				}
				if requested > 1 {
					require.Equal(t, fmt.Sprint("page-", requested), aws.ToString(in.Parameters.(*ec2.DescribeVpcsInput).NextToken))
				}
				out.Result = page
				return out, metadata, nil
			}), middleware.After)
		})
		require.NoError(t, errors.Join(all(3, func(i int) error {
			out, err := ec2.NewFromConfig(config).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{VpcIds: []string{fmt.Sprint("vpc-", i+1)}})
			if err == nil && (len(out.Vpcs) != 1 || out.NextToken != nil) {
				return errors.New("wrong answer")
			}
			return err
		})...))
		require.Equal(t, 3, requested)
	})
}

func TestEveryCallerReceivesThePanicOfTheCall(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, _ *awssim.Simulation, s *session.Session) {
		strange := &ec2.DescribeVpcsInput{Filters: []types.Filter{{Name: aws.String("strange"), Values: []string{"x"}}}}
		_ = all(3, func(int) error {
			require.PanicsWithValue(t, "", func() {
				defer func() {
					require.Contains(t, recover(), "filter strange is not simulated")
					panic("")
				}()
				_, _ = ec2.NewFromConfig(s.Config).DescribeVpcs(t.Context(), strange)
			})
			return nil
		})
		synctest.Wait()
	})
}
