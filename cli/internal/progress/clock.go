package progress

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/output"
)

// clock scales durations to the time of AWS: simulated AWS runs scale times faster than
// the wall clock.
type clock struct{ scale float64 }

// between returns the scaled time from one moment to another, zero if either is unknown.
func (c clock) between(from, to time.Time) time.Duration {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	if c.scale == 0 {
		return to.Sub(from)
	}
	return time.Duration(float64(to.Sub(from)) * c.scale)
}

// took returns the duration of a create, from the intent to ready, or of a delete, from
// the request to its end. It returns zero while the operation runs.
func (c clock) took(i *item) time.Duration {
	switch {
	case i.isDeleted():
		return c.between(i.deleteStart, i.deleted)
	case i.GetState() == typev1.InventoryItem_READY:
		return c.between(moment(i.GetIntendTime()), moment(i.GetReadyTime()))
	}
	return 0
}

// began returns the start of the current operation on a cluster.
func began(c *clusterv1.Cluster) time.Time {
	switch {
	case c.GetDeleteTime() != nil:
		return moment(c.GetDeleteTime())
	case c.GetStatus().GetReadyTime() != nil && c.GetUpdateTime() != nil && c.GetGeneration() > 1:
		return moment(c.GetUpdateTime())
	}
	return moment(c.GetCreateTime())
}

// moment converts a timestamp; nil becomes the zero time.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// stopwatch formats a running duration: 0:07, 12:31, 1:02:03.
func stopwatch(d time.Duration) string {
	seconds := int(d / time.Second)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// short formats a duration in at most two units, and as "" below half a second.
func short(d time.Duration) string {
	if d < time.Second/2 {
		return ""
	}
	return output.Duration(d.Round(time.Second))
}
