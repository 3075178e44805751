package output

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"k8s.io/apimachinery/pkg/util/duration"
)

// Duration formats a duration in at most two units: 107s, 12m, 3h5m, 2d.
func Duration(d time.Duration) string { return duration.HumanDuration(max(d, 0)) }

// Age returns the time since t, or "" if t is nil.
func Age(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return Duration(time.Since(t.AsTime()))
}
