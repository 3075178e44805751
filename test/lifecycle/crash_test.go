package lifecycle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// names are the services of the suite.
var names = []string{"identity", "network", "ingress", "compute", "bastion", "gateway"}

// twins lists the things that lived twice at one time.
func twins(s *clustertest.Suite) []string {
	type life struct{ from, to time.Time }
	lives := make(map[string][]life)
	var twins []string
	for _, entry := range s.AWS.Ledger() {
		resource := entry.Tags["skep.dev/resource"]
		if resource == "" || madeByAWS(resource) {
			continue
		}
		to := entry.DeletedAt
		if to.IsZero() {
			to = time.Now().Add(time.Hour)
		}
		key := entry.Kind + " " + resource
		for _, other := range lives[key] {
			if entry.CreatedAt.Before(other.to) && other.from.Before(to) {
				twins = append(twins, key)
			}
		}
		lives[key] = append(lives[key], life{entry.CreatedAt, to})
	}
	return twins
}

// madeByAWS reports whether a thing is one of the nodes of a pool, which its auto
// scaling group makes as many of as it likes.
func madeByAWS(resource string) bool {
	return strings.HasPrefix(resource, "nodePools/") && (strings.HasSuffix(resource, "/node") || strings.HasSuffix(resource, "/root-volume"))
}

// A replica is killed just before one of its mutating calls acts, or just after,
// before it hears the answer.
func TestAReplicaKilledAtAnyPointLeavesExactlyOneOfEverything(t *testing.T) {
	for _, death := range []struct {
		service   string
		operation string
		after     bool
	}{
		{"network", "CreateVpc", false},
		{"network", "CreateVpc", true},
		{"network", "CreateSubnet", true},
		{"network", "AllocateAddress", true},
		{"network", "CreateNatGateway", true},
		{"network", "AuthorizeSecurityGroupIngress", true},
		{"identity", "CreateRole", true},
		{"identity", "AddRoleToInstanceProfile", false},
		{"ingress", "CreateLoadBalancer", true},
		{"ingress", "CreateHostedZone", true},
		{"ingress", "ChangeResourceRecordSets", true},
		{"compute", "CreateNetworkInterface", true},
		{"compute", "RunInstances", false},
		{"compute", "RunInstances", true},
		{"compute", "CreateAutoScalingGroup", true},
		{"bastion", "RunInstances", true},
		{"network", "DeleteNatGateway", true},
		{"ingress", "DeleteLoadBalancer", true},
		{"compute", "TerminateInstances", true},
		{"network", "DeleteVpc", true},
	} {
		when := "before"
		if death.after {
			when = "after"
		}
		t.Run(fmt.Sprintf("%s dies %s %s", death.service, when, death.operation), func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				died := killAt(s, death.service, death.operation, death.after)
				s.Create(t)
				s.WaitUntil(t, clustertest.IsReady)
				s.Delete(t)
				s.WaitUntil(t, clustertest.IsDeleted)
				require.True(t, died(), "%s never called %s", death.service, death.operation)
				require.Empty(t, twins(s))
				isEmpty(t, s)
			})
		})
	}
}

var errDead = errors.New("the process is dead")

// killAt kills the replica of a service at its first call of an operation, and
// starts another one. It returns whether that happened.
func killAt(s *clustertest.Suite, service, operation string, after bool) (died func() bool) {
	var once sync.Once
	var mu sync.Mutex
	dead := false
	strike := func(call awssim.Call) error {
		if call.Operation != operation || !strings.HasPrefix(call.Principal, "skep-"+service) {
			return nil
		}
		var err error
		once.Do(func() {
			mu.Lock()
			dead = true
			mu.Unlock()
			for _, replica := range slices.Clone(s.Running(service)) {
				replica.Kill()
				go func() {
					s.Kill(replica)
					s.Start(service)
				}()
			}
			err = errDead
		})
		return err
	}
	if after {
		s.AWS.Inject(awssim.Faults{After: strike})
	} else {
		s.AWS.Inject(awssim.Faults{Before: strike})
	}
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return dead
	}
}

func TestEveryReplicaKilledOverAndOverStillMakesOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		for i := range 24 {
			time.Sleep(7 * time.Second)
			for _, replica := range slices.Clone(s.Running(names[i%len(names)])) {
				s.Kill(replica)
			}
			s.Start(names[i%len(names)])
		}
		s.WaitUntil(t, clustertest.IsReady)
		require.Empty(t, twins(s))
		isLeftAlone(t, s)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
	})
}
