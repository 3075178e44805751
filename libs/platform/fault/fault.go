// Package fault is how Skep says that something went wrong: what kind of
// trouble it is, whose it is, and what to do about it.
//
// A fault made deep in one service crosses gRPC intact: its GRPCStatus carries
// everything but the wrapped cause, and FromStatus restores it on the other
// side. Text wrapped around a fault with %w does not cross. Everything may
// import this package; besides libs/platform/rpc it alone knows gRPC codes.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fault is an error with class, cause and remedy. The zero value is an
// internal error without a word of explanation: use the constructors.
type Fault struct {
	// Kind says how a caller of the API sees the fault.
	Kind Kind
	// Class says what kind of trouble it is.
	Class Class
	// Message says what happened, in one sentence without a full stop.
	Message string
	// Operation is what was being done, such as "ec2 CreateVpc".
	Operation string
	// AWSCode is the error code of AWS, if AWS was asked.
	AWSCode string
	// RequestID is what AWS support asks for.
	RequestID string
	// Remedy says what to do about it.
	Remedy string
	// Fields are all the bad fields of a request.
	Fields []Field
	// InDoubt says that the operation may have taken effect all the same.
	InDoubt bool
	// RetryAfter is when it is worth trying again, if that is known.
	RetryAfter time.Duration

	cause error
}

// Field is one bad field of a request.
type Field struct {
	// Path is the field as the client wrote it, such as "spec.network.managed.cidr".
	Path string
	// Message says what is wrong with it.
	Message string
}

// Error returns the message, led by the operation and followed by the bad fields.
func (f *Fault) Error() string {
	var b strings.Builder
	if f.Operation != "" {
		b.WriteString(f.Operation + ": ")
	}
	b.WriteString(f.Message)
	for i, field := range f.Fields {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		fmt.Fprintf(&b, "%s%s: %s", separator, field.Path, field.Message)
	}
	return b.String()
}

// Unwrap returns what the fault was made from, if anything.
func (f *Fault) Unwrap() error { return f.cause }

// Because returns a copy of f that wraps cause.
func (f Fault) Because(cause error) *Fault {
	f.cause = cause
	return &f
}

// Actor says who can end the trouble.
func (f *Fault) Actor() Actor { return f.Class.Actor() }

// Of returns the fault in err's chain. An error without one is Internal and
// its text is kept for the log, not for the client.
func Of(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return Fault{Kind: Internal, Class: Transient, Message: "internal error", Remedy: "Try again; if it stays, ask the operator to look at the log."}.Because(err)
}

// Is reports whether err holds a fault of this kind.
func Is(err error, kind Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == kind
}
