package identity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/identity"
)

const (
	region  = "eu-central-1"
	ec2Name = account + "/budgets/" + region + "-ec2"
)

// callers collects the replicas of services that only call AWS.
type callers struct {
	mu       sync.Mutex
	replicas []*caller
}

type caller struct {
	dependencies service.Dependencies
	api          *ec2.Client
}

func (*caller) Register(grpc.ServiceRegistrar)  {}
func (*caller) Run(ctx context.Context) error   { <-ctx.Done(); return nil }
func (*caller) Ready(ctx context.Context) error { return ctx.Err() }

func (c *callers) construct(ctx context.Context, dependencies service.Dependencies) (service.Service, error) {
	replica := &caller{dependencies: dependencies}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replicas = append(c.replicas, replica)
	return replica, ctx.Err()
}

// config returns the AWS configuration for a region of the account.
func (c *caller) config(ctx context.Context, t *testing.T, region string) aws.Config {
	t.Helper()
	session, err := c.dependencies.Sessions.Session(ctx, account, region)
	require.NoError(t, err)
	return session.Config
}

// retry calls AWS as a reconciler does: it repeats a call after RetryAfter, until the fault has none.
func (c *caller) retry(ctx context.Context, who callcontext.Call, call func(ctx context.Context, api *ec2.Client) error) error {
	for {
		err := call(callcontext.With(ctx, who), c.api)
		if f := fault.Of(err); err == nil || f.RetryAfter == 0 {
			return err
		}
		time.Sleep(fault.Of(err).RetryAfter)
	}
}

// create creates a security group.
func (c *caller) create(ctx context.Context, who callcontext.Call) error {
	return c.retry(ctx, who, func(ctx context.Context, api *ec2.Client) error {
		_, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String(uuid.NewString()), Description: aws.String("a test"), VpcId: aws.String(vpcOf(ctx)),
		})
		return err
	})
}

// createMany starts the creates of security groups, each of them per replica, and each for a different object.
func (c *callers) createMany(ctx context.Context, wg *sync.WaitGroup, each int) {
	for _, one := range c.replicas {
		for i := range each {
			wg.Go(func() {
				_ = one.create(ctx, callcontext.Call{Object: fmt.Sprintf("%s/networks/c%d", organization, i), Priority: callcontext.Change})
			})
		}
	}
}

type vpcKey struct{}

func vpcOf(ctx context.Context) string { return ctx.Value(vpcKey{}).(string) }

// shared runs a test with two replicas of the identity service, and two each of two services that call AWS through its
// API budgets.
func shared(t *testing.T, test func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers)) {
	t.Helper()
	c := new(callers)
	options := alone(newSealer(t))
	options.Services["network"], options.Services["compute"] = c.construct, c.construct
	suite.Run(t, options, func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		created := createAccount(ctx, t, w)
		for _, name := range []string{identity.Name, "network", "compute"} {
			w.Start(name)
		}
		for _, name := range []string{"network", "compute"} {
			require.NoError(t, w.AWS.PutRole(suite.Account, "skep-"+name, created.GetStatus().GetExternalId()))
		}
		for _, one := range c.replicas {
			one.api = ec2.NewFromConfig(one.config(ctx, t, region))
		}
		vpc, err := c.replicas[0].api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		require.NoError(t, err)
		test(context.WithValue(ctx, vpcKey{}, aws.ToString(vpc.Vpc.VpcId)), t, w, c)
	})
}

func budgetOf(ctx context.Context, t *testing.T, w *suite.Suite, name string) *identityv1.Budget {
	t.Helper()
	out, err := identityv1.NewBudgetServiceClient(w.Client(identity.Name)).GetBudget(ctx, &identityv1.GetBudgetRequest{Name: name})
	require.NoError(t, err)
	return out.GetBudget()
}

func bucketOf(t *testing.T, b *identityv1.Budget, family string) *identityv1.TokenBucket {
	t.Helper()
	for _, bucket := range b.GetBuckets() {
		if bucket.GetFamily() == family {
			return bucket
		}
	}
	require.Fail(t, "no bucket", "%s has no %s", b.GetName(), family)
	return nil
}

func TestReplicasUseTheWholeBudgetAndAreNeverThrottled(t *testing.T) {
	shared(t, func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers) {
		require.Len(t, c.replicas, 4)
		const each = 250
		w.AWS.ResetCalls()
		began := time.Now()
		var wg sync.WaitGroup
		c.createMany(ctx, &wg, each)
		time.Sleep(time.Minute)
		busy := bucketOf(t, budgetOf(ctx, t, w, ec2Name), "CreateSecurityGroup")
		require.NotZero(t, busy.GetLastMinuteCount())
		require.Greater(t, busy.GetWaitingCount(), int32(300))
		wg.Wait()
		require.Zero(t, w.AWS.Throttles())
		require.Equal(t, 4*each, w.AWS.CountCalls()["CreateSecurityGroup"])
		require.LessOrEqual(t, time.Since(began).Seconds()/((4*each-50)/5.0), 1.03, "less than 97 % of the rate that AWS allows is used")

		used := budgetOf(ctx, t, w, ec2Name)
		require.Equal(t, region, used.GetRegion())
		require.Equal(t, "ec2", used.GetService())
		creates := bucketOf(t, used, "CreateSecurityGroup")
		require.Equal(t, int32(50), creates.GetBurst())
		require.InDelta(t, 5, creates.GetRefillRate(), 0)
		require.EqualValues(t, 4*each, creates.GetLastHourCount())
		require.NotEmpty(t, creates.GetConsumers())
		require.Contains(t, creates.GetConsumers()[0].GetOwner(), organization+"/networks/c")
		require.Less(t, len(creates.GetConsumers()), 10)
		require.Zero(t, creates.GetThrottleCount())
	})
}

func TestARepairIsNotDelayedByASaturatedBudget(t *testing.T) {
	shared(t, func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers) {
		creating, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		c.createMany(creating, &wg, 100)
		time.Sleep(10 * time.Second)
		for _, one := range c.replicas {
			began := time.Now()
			require.NoError(t, one.create(ctx, callcontext.Call{Object: "repaired", Priority: callcontext.Repair}))
			require.Less(t, time.Since(began), time.Second)
		}
		cancel()
		wg.Wait()
		require.Zero(t, w.AWS.Throttles())
	})
}

func TestWithoutIdentityServicesCallAWSAtATenthOfTheRate(t *testing.T) {
	shared(t, func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers) {
		var wg sync.WaitGroup
		c.createMany(ctx, &wg, 10)
		wg.Wait()
		left := bucketOf(t, budgetOf(ctx, t, w, ec2Name), "CreateSecurityGroup").GetLevel()
		require.Less(t, left, 10.0)
		for _, instance := range w.Running(identity.Name) {
			w.Kill(instance)
		}
		w.AWS.ResetCalls()
		began := time.Now()
		c.createMany(ctx, &wg, 5)
		wg.Wait()
		require.Equal(t, 20, w.AWS.CountCalls()["CreateSecurityGroup"])
		require.InDelta(t, 5/0.495, time.Since(began).Seconds(), 3, "each replica calls at a tenth of the rate")
		require.Zero(t, w.AWS.Throttles())

		w.Start(identity.Name)
		time.Sleep(10 * time.Second)
		back := bucketOf(t, budgetOf(ctx, t, w, ec2Name), "CreateSecurityGroup")
		require.EqualValues(t, 40, back.GetLastHourCount(), "the earlier draws are stored")
		w.AWS.ResetCalls()
		began = time.Now()
		c.createMany(ctx, &wg, 20)
		wg.Wait()
		require.Less(t, time.Since(began), 20*time.Second, "the replicas share the budget again")
		require.Zero(t, w.AWS.Throttles())
	})
}

func TestBudgetsAreListedByAccountAndDeletedWithIt(t *testing.T) {
	shared(t, func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers) {
		client := identityv1.NewBudgetServiceClient(w.Client(identity.Name))
		list := func(parent, filter string, size int32) []string {
			var names []string
			for token := "next"; token != ""; {
				in := &identityv1.ListBudgetsRequest{Parent: parent, Filter: filter, PageSize: size}
				if names != nil {
					in.PageToken = token
				}
				out, err := client.ListBudgets(ctx, in)
				require.NoError(t, err)
				for _, b := range out.GetBudgets() {
					names = append(names, b.GetName())
				}
				if token = out.GetNextPageToken(); len(out.GetBudgets()) == 0 {
					break
				}
			}
			return names
		}
		_, err := ec2.NewFromConfig(c.replicas[0].config(ctx, t, "eu-west-1")).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		require.NoError(t, err)
		both := []string{ec2Name, account + "/budgets/eu-west-1-ec2"}
		require.Equal(t, both, list(account, "", 0))
		require.Equal(t, both, list("organizations/-/accounts/-", "", 1), "page by page")
		require.Equal(t, both[1:], list(account, `region = "eu-west-1"`, 0))
		require.Empty(t, list("organizations/other/accounts/-", "", 0))
		require.Equal(t, []string{"installation/budgets/eu-central-1-sts"}, list("installation", "", 0), "the calls of Skep itself")

		_, err = client.GetBudget(ctx, &identityv1.GetBudgetRequest{Name: account + "/budgets/eu-central-1-iam"})
		require.Equal(t, fault.NotFound, fault.Of(err).Kind)
		_, err = client.GetBudget(ctx, &identityv1.GetBudgetRequest{Name: "nonsense"})
		require.Equal(t, fault.Invalid, fault.Of(err).Kind)
		source := identityv1.NewBudgetSourceServiceClient(w.Client(identity.Name))
		_, err = source.DrawBudget(ctx, &identityv1.DrawBudgetRequest{Budget: "organizations/demo/accounts/none/budgets/eu-central-1-ec2", Family: "CreateVpc", Service: "network", Replica: "one", Tokens: 1})
		require.Equal(t, fault.NotFound, fault.Of(err).Kind)

		_, err = identityv1.NewAccountServiceClient(w.Client(identity.Name)).DeleteAccount(ctx, &identityv1.DeleteAccountRequest{Name: account})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Empty(t, list("organizations/-/accounts/-", "", 0))
	})
}

func TestAThrottleSlowsDownEveryReplica(t *testing.T) {
	shared(t, func(ctx context.Context, t *testing.T, w *suite.Suite, c *callers) {
		// Another client uses the account without the budget.
		foreign := ec2.NewFromConfig(w.AWS.Config(suite.Account, region))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, _ = foreign.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
					GroupName: aws.String(uuid.NewString()), Description: aws.String("a test"), VpcId: aws.String(vpcOf(ctx)),
				}, func(o *ec2.Options) { o.RetryMaxAttempts = 1 })
			})
		}
		c.createMany(ctx, &wg, 5)
		wg.Wait()
		slowed := bucketOf(t, budgetOf(ctx, t, w, ec2Name), "CreateSecurityGroup")
		require.NotZero(t, slowed.GetThrottleCount())
		require.Less(t, slowed.GetRefillShare(), 0.7)
		require.NotNil(t, slowed.GetThrottleTime())
		time.Sleep(10 * time.Minute)
		require.InDelta(t, 1, bucketOf(t, budgetOf(ctx, t, w, ec2Name), "CreateSecurityGroup").GetRefillShare(), 1e-9)
	})
}
