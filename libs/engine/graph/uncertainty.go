package graph

import "time"

// unansweredMessage says why something that does not exist is waited for.
const unansweredMessage = "was asked for, an answer was lost, and it may still show"

// lastUnanswered is the last time at which the thing was asked for without an answer that
// is known.
func (e Entry) lastUnanswered() time.Time {
	if e.State == Intended && e.IntendTime.After(e.UncertainTime) {
		return e.IntendTime
	}
	return e.UncertainTime
}

// uncertainty is for how long something may still come of a create whose answer was
// lost, in the time of the cloud. Whatever became of a repeat, AWS may carry out
// the first one yet, and what it makes after that was forgotten would be an orphan.
func (v visitor) uncertainty() time.Duration {
	asked := v.entry().lastUnanswered()
	if asked.IsZero() {
		return 0
	}
	return ConsistencyWindow - v.awsTime(time.Since(asked))
}

// mayAppearFor is for how long what was asked for may yet show, whether that was answered
// or not.
func (v visitor) mayAppearFor() time.Duration {
	return max(v.uncertainty(), ConsistencyWindow-v.awsTime(time.Since(v.entry().IntendTime)))
}
