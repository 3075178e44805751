package api

import (
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// add adds n to the current span. Spans have this length.
func add(w *recordv1.Window, length time.Duration, now time.Time, n int64) *recordv1.Window {
	current := moved(w, length, now)
	current.Current += n
	return current
}

// count returns the approximate count in the given length of time before now: the count of
// the current span, and the share of the previous span that lies within that length.
func count(w *recordv1.Window, length time.Duration, now time.Time) int64 {
	at := moved(w, length, now)
	elapsed := float64(now.UnixNano()%int64(length)) / float64(length)
	return at.GetCurrent() + int64(float64(at.GetPrevious())*(1-elapsed)+0.5)
}

// moved returns a copy of the window whose current span contains now.
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
