package engine

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// Refuse returns the error of AWS with the code.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func Refuse(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// MissingParameter is the error for input that AWS requires and the SDK does not check.
func MissingParameter(parameter string) error {
	return Refuse("MissingParameter", "The request must contain the parameter %s", parameter)
}

// InvalidParameter is the error for the value of a parameter.
func InvalidParameter(parameter string, value any) error {
	return Refuse("InvalidParameterValue", "Value (%v) for parameter %s is invalid.", value, parameter)
}

// ValidationError is the error that most services other than EC2 return for invalid input.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
func ValidationError(format string, args ...any) error {
	return Refuse("ValidationError", format, args...)
}

// Code returns the AWS error code; "" for nil and for errors that do not come from AWS.
func Code(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}

// errUnknownKey is replaced by the error of the service; see keyError.
var errUnknownKey = errors.New("unknown access key")

// keyError replaces errUnknownKey by the error of the service, because EC2 has its own code.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors
func (s *Service) keyError(err error) error {
	switch {
	case !errors.Is(err, errUnknownKey):
		return err
	case s.UnknownKey != nil:
		return s.UnknownKey
	}
	return Refuse("InvalidClientTokenId", "The security token included in the request is invalid")
}
