package graph

import "time"

// unansweredMessage says why a walk waits for a resource that does not exist.
const unansweredMessage = "was requested, the answer of AWS was lost, and the resource may still appear"

// lastUnanswered returns the time of the last create request without a known answer; zero if there
// is none.
func (e Entry) lastUnanswered() time.Time {
	if e.State == Intended && e.IntendTime.After(e.UncertainTime) {
		return e.IntendTime
	}
	return e.UncertainTime
}

// uncertainty returns the rest of the time in which AWS may still carry out an unanswered create,
// in the time of AWS; at most zero if it has passed. The answer to a repeat does not shorten it:
// AWS may carry out the first request after it, and a resource created after its entry was removed
// would be an orphan.
func (v visitor) uncertainty() time.Duration {
	requested := v.entry().lastUnanswered()
	if requested.IsZero() {
		return 0
	}
	return ConsistencyWindow - v.awsTime(time.Since(requested))
}

// mayAppearFor returns the rest of the time in which AWS may still show a requested resource,
// whether the request was answered or not.
func (v visitor) mayAppearFor() time.Duration {
	return max(v.uncertainty(), ConsistencyWindow-v.awsTime(time.Since(v.entry().IntendTime)))
}
