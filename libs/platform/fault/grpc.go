package fault

import (
	"errors"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// domain is the ErrorInfo domain of every fault.
const domain = "skep.dev"

var codeOf = map[Kind]codes.Code{
	Internal:        codes.Internal,
	Invalid:         codes.InvalidArgument,
	NotFound:        codes.NotFound,
	Exists:          codes.AlreadyExists,
	Conflict:        codes.Aborted,
	Precondition:    codes.FailedPrecondition,
	Denied:          codes.PermissionDenied,
	Unauthenticated: codes.Unauthenticated,
	Exhausted:       codes.ResourceExhausted,
	Unavailable:     codes.Unavailable,
}

// GRPCStatus returns the status in which gRPC sends the fault. Its details are a skep.type.v1.Fault and a
// google.rpc.ErrorInfo, with a google.rpc.BadRequest for invalid fields and a google.rpc.RetryInfo if RetryAfter is
// set.
func (f *Fault) GRPCStatus() *status.Status {
	s := status.New(codeOf[f.Kind], f.Error())
	details := []protoadapt.MessageV1{
		protoadapt.MessageV1Of(f.Proto()),
		&errdetails.ErrorInfo{Reason: f.Proto().GetClass().String(), Domain: domain, Metadata: map[string]string{"uncertain": strconv.FormatBool(f.Uncertain)}},
	}
	if len(f.Fields) > 0 {
		violations := &errdetails.BadRequest{}
		for _, field := range f.Fields {
			violations.FieldViolations = append(violations.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: field.Path, Description: field.Message})
		}
		details = append(details, violations)
	}
	if f.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(f.RetryAfter)})
	}
	if detailed, err := s.WithDetails(details...); err == nil {
		return detailed
	}
	return s
}

// Proto returns the message of the fault for a condition or an inventory item; nil for nil.
func (f *Fault) Proto() *typev1.Fault {
	if f == nil {
		return nil
	}
	return &typev1.Fault{
		Class:        typev1.Fault_Class(f.Class),
		Message:      f.Message,
		Operation:    f.Operation,
		AwsCode:      f.AWSCode,
		AwsRequestId: f.RequestID,
		Actor:        typev1.Fault_Actor(f.Actor()),
		Remedy:       f.Remedy,
	}
}

// FromProto returns the fault of a message; nil for nil.
func FromProto(p *typev1.Fault) *Fault {
	if p == nil {
		return nil
	}
	return &Fault{
		Class:     Class(p.GetClass()),
		Message:   p.GetMessage(),
		Operation: p.GetOperation(),
		AWSCode:   p.GetAwsCode(),
		RequestID: p.GetAwsRequestId(),
		Remedy:    p.GetRemedy(),
	}
}

// FromStatus restores the fault of a failed gRPC call. An error of another origin becomes a fault of the kind that
// its code maps to.
func FromStatus(err error) error {
	if err == nil {
		return nil
	}
	if f := (*Fault)(nil); errors.As(err, &f) {
		return err
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	f := &Fault{Class: Transient, Message: s.Message()}
	for kind, code := range codeOf {
		if code == s.Code() {
			f.Kind = kind
		}
	}
	if s.Code() == codes.DeadlineExceeded || s.Code() == codes.Canceled {
		f.Kind, f.Uncertain = Unavailable, true
	}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *typev1.Fault:
			restored := FromProto(detail)
			restored.Kind, restored.Fields, restored.Uncertain, restored.RetryAfter = f.Kind, f.Fields, f.Uncertain, f.RetryAfter
			f = restored
		case *errdetails.BadRequest:
			for _, field := range detail.GetFieldViolations() {
				f.Fields = append(f.Fields, Field{Path: field.GetField(), Message: field.GetDescription()})
			}
		case *errdetails.RetryInfo:
			f.RetryAfter = detail.GetRetryDelay().AsDuration()
		case *errdetails.ErrorInfo:
			f.Uncertain = detail.GetMetadata()["uncertain"] == "true"
		}
	}
	return f
}
