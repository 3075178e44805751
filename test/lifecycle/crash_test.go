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
	"github.com/skep-dev/skep/test/sample"
)

// names are the services of the suite.
var names = []string{"identity", "network", "ingress", "compute", "bastion", "gateway"}

// duplicates lists the resources that existed twice at one time.
func duplicates(s *clustertest.Suite) []string {
	type lifetime struct{ from, to time.Time }
	lifetimes := make(map[string][]lifetime)
	var found []string
	for _, entry := range s.AWS.Ledger() {
		resource := entry.Tags["skep.dev/resource"]
		if resource == "" || createdByAWS(resource) {
			continue
		}
		to := entry.DeletedAt
		if to.IsZero() {
			to = time.Now().Add(time.Hour)
		}
		key := entry.Kind + " " + resource
		for _, other := range lifetimes[key] {
			if entry.CreatedAt.Before(other.to) && other.from.Before(to) {
				found = append(found, key)
			}
		}
		lifetimes[key] = append(lifetimes[key], lifetime{entry.CreatedAt, to})
	}
	return found
}

// createdByAWS reports whether a resource belongs to a node of a pool: an auto scaling group
// creates any number of them.
func createdByAWS(resource string) bool {
	return strings.HasPrefix(resource, "nodePools/") && (strings.HasSuffix(resource, "/node") || strings.HasSuffix(resource, "/root-volume"))
}

// The replica is killed just before one of its mutating calls takes effect, or after the
// effect and before the answer.
func TestACrashAtAnyCallLeavesOneOfEachResource(t *testing.T) {
	type crash struct {
		service   string
		operation string
		after     bool
	}
	for _, crash := range sample.Every(4, 1, []crash{
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
	}) {
		when := "before"
		if crash.after {
			when = "after"
		}
		t.Run(fmt.Sprintf("%s crashes %s %s", crash.service, when, crash.operation), func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				died := killAt(s, crash.service, crash.operation, crash.after)
				s.Create(t)
				s.WaitUntil(t, clustertest.IsReady)
				s.Delete(t)
				s.WaitUntil(t, clustertest.IsDeleted)
				require.True(t, died(), "%s never called %s", crash.service, crash.operation)
				require.Empty(t, duplicates(s))
				isEmpty(t, s)
			})
		})
	}
}

var errDead = errors.New("the process is dead")

// killAt kills the replica of a service at its first call of an operation, before or after
// its effect, and starts a new replica. The returned function reports whether that happened.
func killAt(s *clustertest.Suite, service, operation string, after bool) (died func() bool) {
	var once sync.Once
	var mu sync.Mutex
	dead := false
	crash := func(call awssim.Call) error {
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
		s.AWS.Inject(awssim.Faults{After: crash})
	} else {
		s.AWS.Inject(awssim.Faults{Before: crash})
	}
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return dead
	}
}

func TestRepeatedCrashesOfAllServicesCreateOneCluster(t *testing.T) {
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
		require.Empty(t, duplicates(s))
		staysUnchanged(t, s)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
	})
}
