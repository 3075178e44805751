package processes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/moto"
)

// lostAnswers kills the callers of each withheld answer, once per operation.
type lostAnswers struct {
	*motoSuite
	*moto.LostAnswers
}

func TestALostAnswerCausesNoSecondCreate(t *testing.T) {
	t.Parallel()
	o := startOnMoto(withTimeout(t, 6*time.Minute), t, "SKEP_AWS_TIME_SCALE=60")
	u := lostAnswers{motoSuite: o, LostAnswers: o.proxy.LostAnswers()}
	const id = "quickstart"
	document := quickstart(t)
	created := u.meanwhile(t, func() (*clusterv1.Cluster, error) {
		if err := u.sendUntil(u.ctx, http.MethodPost, clusters+"?cluster_id="+id, document, http.StatusOK, http.StatusConflict); err != nil {
			return nil, err
		}
		return u.follow(u.ctx, id, ready)
	})
	u.matchesStatus(t, quickstartResources(3), created)
	u.meanwhile(t, func() (*clusterv1.Cluster, error) {
		if err := u.sendUntil(u.ctx, http.MethodDelete, clusters+"/"+id, "", http.StatusOK, http.StatusNotFound); err != nil {
			return nil, err
		}
		return u.follow(u.ctx, id, absent)
	})
	u.isEmpty(t)
	t.Logf("the answers of %d calls were lost: %s", len(u.Operations()), strings.Join(u.Operations(), ", "))
	require.Subset(t, u.Operations(), []string{
		"CreateVpc", "CreateNatGateway", "CreateRole", "CreateHostedZone", "CreateLoadBalancer", "RunInstances", "CreateAutoScalingGroup",
		"DeleteVpc", "DeleteNatGateway", "DeleteRole", "DeleteHostedZone", "DeleteLoadBalancer", "TerminateInstances", "DeleteAutoScalingGroup",
	})
}

// meanwhile calls do, and kills the callers of withheld answers until do returns.
func (u lostAnswers) meanwhile(t *testing.T, do func() (*clusterv1.Cluster, error)) *clusterv1.Cluster {
	t.Helper()
	var c *clusterv1.Cluster
	done := make(chan error, 1)
	go func() {
		var err error
		c, err = do()
		done <- err
	}()
	for {
		select {
		case <-u.Calls:
			u.others()
			u.killCallers(t)
		case err := <-done:
			u.failure = err
			require.NoError(t, err)
			return c
		}
	}
}

// others waits one second for more withheld answers, so that one kill covers all of them.
func (u lostAnswers) others() {
	elapsed := time.After(time.Second)
	for {
		select {
		case <-u.Calls:
		case <-elapsed:
			return
		}
	}
}

// killCallers kills all services that call AWS and starts them again.
func (u lostAnswers) killCallers(t *testing.T) {
	t.Helper()
	callers := suite[:len(suite)-1] // The gateway is the last.
	for _, name := range callers {
		u.services[name].Kill()
	}
	for _, name := range callers {
		u.start(t, name, u.addresses[name])
	}
}
