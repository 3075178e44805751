package progress

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/output"
)

// clock tells durations in the time of AWS.
type clock struct{ scale float64 }

// between is the time from one moment to another, none if either is not known.
func (c clock) between(from, to time.Time) time.Duration {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	if c.scale == 0 {
		return to.Sub(from)
	}
	return time.Duration(float64(to.Sub(from)) * c.scale)
}

// took is how long an item took to be what it is: from the first order to ready,
// or from the order to go to gone. It is none while neither has come to pass.
func (c clock) took(i *item) time.Duration {
	switch {
	case i.isGone():
		return c.between(i.parting, i.gone)
	case i.GetState() == typev1.InventoryItem_READY:
		return c.between(moment(i.GetIntendTime()), moment(i.GetReadyTime()))
	}
	return 0
}

// began is when what is happening to a cluster began.
func began(c *clusterv1.Cluster) time.Time {
	switch {
	case c.GetDeleteTime() != nil:
		return moment(c.GetDeleteTime())
	case c.GetStatus().GetReadyTime() != nil && c.GetUpdateTime() != nil && c.GetGeneration() > 1:
		return moment(c.GetUpdateTime())
	}
	return moment(c.GetCreateTime())
}

// moment is a time, zero if there is none.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// stopwatch writes a duration as it runs: 0:07, 12:31, 1:02:03.
func stopwatch(d time.Duration) string {
	seconds := int(d / time.Second)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// short writes a duration as people say it, nothing if it is less than half a second.
func short(d time.Duration) string {
	if d < time.Second/2 {
		return ""
	}
	return output.Duration(d.Round(time.Second))
}
