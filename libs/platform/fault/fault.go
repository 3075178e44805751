// Package fault is the error type of Skep: the category of an error, the actor who can end it, and the remedy.
//
// A fault of one service reaches callers in other services unchanged: GRPCStatus sends everything but the wrapped
// cause, and FromStatus restores the fault on the other side. Text that is wrapped around a fault with %w is not
// sent. Every package may import this one. Only this package and libs/platform/rpc know gRPC codes.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fault is an error with class, cause and remedy. The zero value is an internal error without a message, so use the
// constructors.
type Fault struct {
	// Kind is the category that API callers see.
	Kind Kind
	// Class is the category by cause. It decides the actor and the back-off.
	Class Class
	// Message says what is wrong, in one sentence without a full stop.
	Message string
	// Operation is the failed operation, such as "ec2 CreateVpc".
	Operation string
	// AWSCode is the error code of AWS, or "" if AWS did not answer the call.
	AWSCode string
	// RequestID is the id of the request for AWS support.
	RequestID string
	// Remedy is one command or action of the actor that ends the fault.
	Remedy string
	// Fields are all invalid fields of a request.
	Fields []Field
	// Uncertain means that the effect is uncertain: the operation may have taken effect.
	Uncertain bool
	// RetryAfter is the delay until a retry is worthwhile; zero means unknown.
	RetryAfter time.Duration

	cause error
}

// Field is one invalid field of a request.
type Field struct {
	// Path is the path of the field in the client's document, such as "spec.network.managed.cidr".
	Path string
	// Message says what is wrong with the field.
	Message string
}

// Error returns the message, after the operation and before the invalid fields.
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

// Unwrap returns the cause of the fault, or nil.
func (f *Fault) Unwrap() error { return f.cause }

// Because returns a copy of f that wraps cause.
func (f Fault) Because(cause error) *Fault {
	f.cause = cause
	return &f
}

// Actor returns who can end the fault.
func (f *Fault) Actor() Actor { return f.Class.Actor() }

// Of returns the fault in the chain of err. An error without one becomes an Internal fault, whose text is for the log
// and not for the client. It returns nil for nil.
func Of(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return Fault{Kind: Internal, Class: Transient, Message: "internal error", Remedy: "Try again. If the error persists, ask the operator to check the log."}.Because(err)
}

// Is reports whether err contains a fault of this kind.
func Is(err error, kind Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == kind
}
