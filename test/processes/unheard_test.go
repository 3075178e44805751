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

// unheard kills whoever could hear what AWS did, once for every operation.
type unheard struct {
	*overMoto
	*moto.Unheard
}

func TestWhatNobodyHeardIsFoundAndNotDoneAgain(t *testing.T) {
	t.Parallel()
	o := onboarded(patient(t, 6*time.Minute), t, "SKEP_AWS_TIME_SCALE=60")
	u := unheard{overMoto: o, Unheard: o.door.Unheard()}
	const id = "quickstart"
	document := quickstart(t)
	made := u.meanwhile(t, func() (*clusterv1.Cluster, error) {
		if err := u.insist(u.ctx, http.MethodPost, clusters+"?cluster_id="+id, document, http.StatusOK, http.StatusConflict); err != nil {
			return nil, err
		}
		return u.follow(u.ctx, id, ready)
	})
	u.isAsDeclared(t, quickstartKinds(3), made)
	u.meanwhile(t, func() (*clusterv1.Cluster, error) {
		if err := u.insist(u.ctx, http.MethodDelete, clusters+"/"+id, "", http.StatusOK, http.StatusNotFound); err != nil {
			return nil, err
		}
		return u.follow(u.ctx, id, absent)
	})
	u.isAsBefore(t)
	t.Logf("nobody heard of %d calls: %s", len(u.Operations()), strings.Join(u.Operations(), ", "))
	require.Subset(t, u.Operations(), []string{
		"CreateVpc", "CreateNatGateway", "CreateRole", "CreateHostedZone", "CreateLoadBalancer", "RunInstances", "CreateAutoScalingGroup",
		"DeleteVpc", "DeleteNatGateway", "DeleteRole", "DeleteHostedZone", "DeleteLoadBalancer", "TerminateInstances", "DeleteAutoScalingGroup",
	})
}

// meanwhile does something, and kills until it is done.
func (u unheard) meanwhile(t *testing.T, do func() (*clusterv1.Cluster, error)) *clusterv1.Cluster {
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
			u.stuck = err
			require.NoError(t, err)
			return c
		}
	}
}

// others waits for what others call meanwhile, which need not die one after the other.
func (u unheard) others() {
	enough := time.After(time.Second)
	for {
		select {
		case <-u.Calls:
		case <-enough:
			return
		}
	}
}

// killCallers kills all services that call AWS, and starts them again.
func (u unheard) killCallers(t *testing.T) {
	t.Helper()
	callers := suite[:len(suite)-1] // The gateway is the last.
	for _, name := range callers {
		u.services[name].Kill()
	}
	for _, name := range callers {
		u.start(t, name, u.addresses[name])
	}
}
