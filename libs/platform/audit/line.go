package audit

import (
	"time"
)

// A Phase is the side of a call that a line describes.
type Phase string

// The phases of a call.
const (
	// Before is stored before the call is sent.
	Before Phase = "before"
	// After is stored when the outcome of the call is known.
	After Phase = "after"
)

// An Outcome is the outcome of a call.
type Outcome string

// The outcomes of a call.
const (
	// Done means that AWS executed the call.
	Done Outcome = "done"
	// Refused means that AWS refused the call.
	Refused Outcome = "refused"
	// Uncertain means that AWS did not answer: the call may have taken effect.
	Uncertain Outcome = "uncertain"
	// Unsent means that the call was not sent.
	Unsent Outcome = "unsent"
)

// A Line is one side of one mutating call to AWS.
type Line struct {
	// Call connects the two lines of a call. It is unique within its session.
	Call int64 `json:"call"`
	// Phase is the side of the call; Time is when the line was written.
	Phase Phase     `json:"phase"`
	Time  time.Time `json:"time"`
	// Account is the name of the account in Skep; Region is the AWS region.
	Account string `json:"account"`
	Region  string `json:"region"`
	// API and Operation name the call, such as `EC2` `CreateVpc`.
	API       string `json:"api"`
	Operation string `json:"operation"`
	// Record is the API object on whose behalf the call is made, Step is the resource within it, and ID is the AWS id
	// of the resource if it is known.
	Record string `json:"record,omitempty"`
	Step   string `json:"step,omitempty"`
	ID     string `json:"id,omitempty"`
	// Intent is the token of the create, which is also a tag of the resource.
	Intent string `json:"intent,omitempty"`
	// Trace is the id of the trace that contains the call.
	Trace string `json:"trace,omitempty"`
	// The fields of the line after the call: the outcome, the AWS error code, the request id in CloudTrail, and the
	// duration.
	Outcome   Outcome       `json:"outcome,omitempty"`
	Code      string        `json:"code,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Duration  time.Duration `json:"duration_ns,omitempty"`
}

// An Origin identifies the process that makes calls.
type Origin struct {
	// Installation is the id of the installation.
	Installation string `json:"installation"`
	// Service is the service; Replica is the id of its process.
	Service string `json:"service"`
	Replica string `json:"replica"`
	// Principal is the role of the service in every account.
	Principal string `json:"principal"`
}
