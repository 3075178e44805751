package audit

import (
	"time"
)

// A Phase says on which side of its call a line stands.
type Phase string

// The phases of a call.
const (
	// Before is stored before the call is sent.
	Before Phase = "before"
	// After is stored once it is known what came of the call.
	After Phase = "after"
)

// An Outcome is what came of a call.
type Outcome string

// The outcomes of a call.
const (
	// Done means that AWS did what it was asked.
	Done Outcome = "done"
	// Refused means that AWS answered no.
	Refused Outcome = "refused"
	// InDoubt means that no answer came: it may have been done.
	InDoubt Outcome = "in doubt"
	// Unsent means that the call was not made after all.
	Unsent Outcome = "unsent"
)

// A Line is one side of one mutating call to AWS.
type Line struct {
	// Call joins the two lines of a call. It is unique within its session.
	Call int64 `json:"call"`
	// Phase is the side, Time when the line was written.
	Phase Phase     `json:"phase"`
	Time  time.Time `json:"time"`
	// Account is the account by its name in Skep, Region the AWS region.
	Account string `json:"account"`
	Region  string `json:"region"`
	// API and Operation are the call, such as `EC2` `CreateVpc`.
	API       string `json:"api"`
	Operation string `json:"operation"`
	// Record is the resource of Skep on whose behalf it is made, Step the thing
	// within it, ID what AWS calls that thing as far as it is known.
	Record string `json:"record,omitempty"`
	Step   string `json:"step,omitempty"`
	ID     string `json:"id,omitempty"`
	// Intent is the token of the create, as tagged on the thing.
	Intent string `json:"intent,omitempty"`
	// Trace is the id of the trace that the call is part of.
	Trace string `json:"trace,omitempty"`
	// What follows is known after the call: what came of it, the code that AWS
	// refused it with, the id of the request in CloudTrail, and how long it took.
	Outcome   Outcome       `json:"outcome,omitempty"`
	Code      string        `json:"code,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Duration  time.Duration `json:"duration_ns,omitempty"`
}

// An Origin is who makes calls.
type Origin struct {
	// Installation is the id of the installation.
	Installation string `json:"installation"`
	// Service is the service, and Replica the id of this process of it.
	Service string `json:"service"`
	Replica string `json:"replica"`
	// Principal is the role that the service has in every account.
	Principal string `json:"principal"`
}
