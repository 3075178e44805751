package output

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"k8s.io/apimachinery/pkg/util/duration"
)

// Duration is a duration as people say it, in two units at the most: 107s, 12m, 3h5m, 2d.
func Duration(d time.Duration) string { return duration.HumanDuration(max(d, 0)) }

// Age is how long ago a time is, or nothing if there is no time.
func Age(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return Duration(time.Since(t.AsTime()))
}
