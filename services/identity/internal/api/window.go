package api

import (
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// add counts n in the span of this length that now is in.
func add(w *recordv1.Window, length time.Duration, now time.Time, n int64) *recordv1.Window {
	moved := moved(w, length, now)
	moved.Current += n
	return moved
}

// count is about how much was counted in the length of time before now: the
// current span, and of the one before the part that is not over yet.
func count(w *recordv1.Window, length time.Duration, now time.Time) int64 {
	at := moved(w, length, now)
	over := float64(now.UnixNano()%int64(length)) / float64(length)
	return at.GetCurrent() + int64(float64(at.GetPrevious())*(1-over)+0.5)
}

// moved is the window as it stands now.
func moved(w *recordv1.Window, length time.Duration, now time.Time) *recordv1.Window {
	span := now.UnixNano() / int64(length)
	switch span - w.GetSpan() {
	case 0:
		return &recordv1.Window{Span: span, Current: w.GetCurrent(), Previous: w.GetPrevious()}
	case 1:
		return &recordv1.Window{Span: span, Previous: w.GetCurrent()}
	default:
		return &recordv1.Window{Span: span}
	}
}
