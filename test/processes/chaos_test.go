package processes_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
)

// The environment variables of a chaos run: its duration, and the seed that determines which
// processes are killed when.
const (
	chaosFor  = "FOR"
	chaosSeed = "SEED"
)

const (
	// shortChaos is the default of FOR.
	shortChaos = 45 * time.Second
	// settleTimeout limits the time of a run after its chaos.
	settleTimeout = 4 * time.Minute
)

// chaosClusters are the name prefixes of the clusters that each round creates and deletes
// concurrently. A name is used once; see moto.Gaps.
var chaosClusters = []string{"anemone", "bluebell", "crocus"}

// chaos kills processes of a suite and starts them again.
type chaos struct {
	*motoSuite
	random *rand.Rand
	// ends is the time after which no more kills are planned; next fires at the next kill.
	ends  time.Time
	next  <-chan time.Time
	kills int
}

// chaosSettings returns the duration and the seed of the chaos.
func chaosSettings(t *testing.T) (duration time.Duration, seed uint64) {
	t.Helper()
	duration, seed = shortChaos, rand.Uint64()
	var err error
	if text := os.Getenv(chaosFor); text != "" {
		duration, err = time.ParseDuration(text)
		require.NoError(t, err, chaosFor)
	}
	if text := os.Getenv(chaosSeed); text != "" {
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, chaosSeed)
	}
	return duration, seed
}

func TestRandomKillsLeaveOneOfEachResourceAndThenNone(t *testing.T) {
	t.Parallel()
	duration, seed := chaosSettings(t)
	t.Logf("chaos for %s; repeat it with %s=%s %s=%d", duration, chaosFor, duration, chaosSeed, seed)
	// After a kill, the consistency window of five minutes must pass before a resource is
	// known to be absent. The time scale shortens it to five seconds.
	o := startOnMoto(withTimeout(t, duration+settleTimeout), t, "SKEP_AWS_TIME_SCALE=60")
	c := &chaos{motoSuite: o, random: rand.New(rand.NewPCG(seed, 0)), ends: time.Now().Add(duration)} //nolint:gosec // The kills must be repeatable.
	document := quickstart(t)
	rounds := 0
	for ; rounds == 0 || time.Now().Before(c.ends); rounds++ {
		created := c.meanwhile(t, rounds, func(ctx context.Context, id string) (*clusterv1.Cluster, error) {
			if err := c.sendUntil(ctx, http.MethodPost, clusters+"?cluster_id="+id, document, http.StatusOK, http.StatusConflict); err != nil {
				return nil, err
			}
			return c.follow(ctx, id, ready)
		})
		c.matchesStatus(t, quickstartResources(3), created...)
		c.meanwhile(t, rounds, func(ctx context.Context, id string) (*clusterv1.Cluster, error) {
			if err := c.sendUntil(ctx, http.MethodDelete, clusters+"/"+id, "", http.StatusOK, http.StatusNotFound); err != nil {
				return nil, err
			}
			return c.follow(ctx, id, absent)
		})
		c.isEmpty(t)
	}
	t.Logf("%d kills while %d clusters were created and deleted with %d calls",
		c.kills, rounds*len(chaosClusters), len(o.proxy.Calls()))
	require.NotZero(t, c.kills)
}

// meanwhile calls do for every cluster of a round concurrently, and kills processes until
// all calls have returned.
func (c *chaos) meanwhile(t *testing.T, round int, do func(ctx context.Context, id string) (*clusterv1.Cluster, error)) []*clusterv1.Cluster {
	t.Helper()
	group, ctx := errgroup.WithContext(c.ctx)
	all := make([]*clusterv1.Cluster, len(chaosClusters))
	for i, name := range chaosClusters {
		id := fmt.Sprintf("%s-%d", name, round)
		group.Go(func() (err error) {
			all[i], err = do(ctx, id)
			return err
		})
	}
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	for {
		if c.next == nil && time.Now().Before(c.ends) {
			c.next = time.After(time.Duration(1+c.random.IntN(9)) * time.Second)
		}
		select {
		case err := <-done:
			c.failure = err
			require.NoError(t, err)
			return all
		case <-c.next:
			c.next = nil
			c.kill(t)
		}
	}
}

// kill kills one to three random processes and starts them again.
func (c *chaos) kill(t *testing.T) {
	t.Helper()
	c.kills++
	processes := append([]string{"nats"}, suite...)
	victims := make([]string, 0, len(processes))
	for _, i := range c.random.Perm(len(processes))[:1+c.random.IntN(3)] {
		victims = append(victims, processes[i])
	}
	t.Logf("killed: %s", strings.Join(victims, ", "))
	for _, name := range victims {
		if name == "nats" {
			c.nats.Kill()
		} else {
			c.services[name].Kill()
		}
	}
	for _, name := range processes {
		switch {
		case !slices.Contains(victims, name):
		case name == "nats":
			c.startNATS(t, strings.TrimPrefix(c.natsURL, "nats://"))
		default:
			c.start(t, name, c.addresses[name])
		}
	}
}
