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

// The environment of a chaos run: for how long processes are killed, and the seed
// of who and when.
const (
	chaosFor  = "FOR"
	chaosSeed = "SEED"
)

const (
	// shortChaos is how long processes are killed in a run that is not told otherwise.
	shortChaos = 45 * time.Second
	// calm is how long a run may take beyond its chaos, to come to rest.
	calm = 4 * time.Minute
)

// chaosClusters are made and removed side by side, round after round, each time
// under a name of their own, see moto.Gaps.
var chaosClusters = []string{"anemone", "bluebell", "crocus"}

// chaos kills processes of a suite without warning and starts them again.
type chaos struct {
	*overMoto
	random *rand.Rand
	// ends is when no more kills are planned, and next fires when processes are killed.
	ends  time.Time
	next  <-chan time.Time
	kills int
}

// chaosSettings reads for how long there is chaos, and its seed.
func chaosSettings(t *testing.T) (lasts time.Duration, seed uint64) {
	t.Helper()
	lasts, seed = shortChaos, rand.Uint64()
	var err error
	if text := os.Getenv(chaosFor); text != "" {
		lasts, err = time.ParseDuration(text)
		require.NoError(t, err, chaosFor)
	}
	if text := os.Getenv(chaosSeed); text != "" {
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, chaosSeed)
	}
	return lasts, seed
}

func TestWhoeverIsKilledThereIsOneOfEverythingAndThenNothing(t *testing.T) {
	t.Parallel()
	lasts, seed := chaosSettings(t)
	t.Logf("chaos for %s; the same again is %s=%s %s=%d", lasts, chaosFor, lasts, chaosSeed, seed)
	// Of what a killed process asked for without being answered it takes five minutes
	// of AWS's to be sure that it does not exist. Here these are five seconds.
	o := onboarded(patient(t, lasts+calm), t, "SKEP_AWS_TIME_SCALE=60")
	c := &chaos{overMoto: o, random: rand.New(rand.NewPCG(seed, 0)), ends: time.Now().Add(lasts)} //nolint:gosec // It is repeatable on purpose.
	document := quickstart(t)
	rounds := 0
	for ; rounds == 0 || time.Now().Before(c.ends); rounds++ {
		made := c.meanwhile(t, rounds, func(ctx context.Context, id string) (*clusterv1.Cluster, error) {
			if err := c.insist(ctx, http.MethodPost, clusters+"?cluster_id="+id, document, http.StatusOK, http.StatusConflict); err != nil {
				return nil, err
			}
			return c.follow(ctx, id, ready)
		})
		c.isAsDeclared(t, quickstartKinds(3), made...)
		c.meanwhile(t, rounds, func(ctx context.Context, id string) (*clusterv1.Cluster, error) {
			if err := c.insist(ctx, http.MethodDelete, clusters+"/"+id, "", http.StatusOK, http.StatusNotFound); err != nil {
				return nil, err
			}
			return c.follow(ctx, id, absent)
		})
		c.isAsBefore(t)
	}
	t.Logf("%d times processes were killed while %d clusters were made and removed with %d calls",
		c.kills, rounds*len(chaosClusters), len(o.door.Calls()))
	require.NotZero(t, c.kills)
}

// meanwhile does something with every cluster of a round at once, and kills processes until
// all of it is done.
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
			c.stuck = err
			require.NoError(t, err)
			return all
		case <-c.next:
			c.next = nil
			c.strike(t)
		}
	}
}

// strike kills one to three processes at once, and starts them again.
func (c *chaos) strike(t *testing.T) {
	t.Helper()
	c.kills++
	everybody := append([]string{"nats"}, suite...)
	victims := make([]string, 0, len(everybody))
	for _, i := range c.random.Perm(len(everybody))[:1+c.random.IntN(3)] {
		victims = append(victims, everybody[i])
	}
	t.Logf("killed: %s", strings.Join(victims, ", "))
	for _, name := range victims {
		if name == "nats" {
			c.nats.Kill()
		} else {
			c.services[name].Kill()
		}
	}
	for _, name := range everybody {
		switch {
		case !slices.Contains(victims, name):
		case name == "nats":
			c.startNATS(t, strings.TrimPrefix(c.natsURL, "nats://"))
		default:
			c.start(t, name, c.addresses[name])
		}
	}
}
