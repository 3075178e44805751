package graph

import "time"

// lost says why something that does not exist is waited for.
const lost = "was asked for, an answer was lost, and it may still show"

// asked is the last time at which the thing was asked for without an answer that
// is known.
func (e Entry) asked() time.Time {
	if e.State == Intended && e.IntendTime.After(e.DoubtTime) {
		return e.IntendTime
	}
	return e.DoubtTime
}

// doubt is for how long something may still come of a create whose answer was
// lost, in the time of the cloud. Whatever became of a repeat, AWS may carry out
// the first one yet, and what it makes after that was forgotten would be an orphan.
func (v visitor) doubt() time.Duration {
	asked := v.entry().asked()
	if asked.IsZero() {
		return 0
	}
	return Settle - v.lived(time.Since(asked))
}

// late is for how long what was asked for may yet show, whether that was answered
// or not.
func (v visitor) late() time.Duration {
	return max(v.doubt(), Settle-v.lived(time.Since(v.entry().IntendTime)))
}
