package aws

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// refuse is AWS saying no, with one of its codes.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func refuse(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// dependency refuses to delete what something else still needs.
func dependency(noun, id string) error {
	return refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}

// missing refuses a request that lacks what AWS requires and the SDK does not check.
func missing(parameter string) error {
	return refuse("MissingParameter", "The request must contain the parameter %s", parameter)
}

// invalid refuses the value of a parameter.
func invalid(parameter string, value any) error {
	return refuse("InvalidParameterValue", "Value (%v) for parameter %s is invalid.", value, parameter)
}

// statuses are the HTTP statuses of refusals that are not 400 Bad Request.
var statuses = map[string]int{
	"AuthFailure":                  http.StatusUnauthorized,
	"InvalidClientTokenId":         http.StatusForbidden,
	"ExpiredToken":                 http.StatusForbidden,
	"AccessDenied":                 http.StatusForbidden,
	"UnauthorizedOperation":        http.StatusForbidden,
	"NoSuchEntity":                 http.StatusNotFound,
	"NoSuchHostedZone":             http.StatusNotFound,
	"NoSuchChange":                 http.StatusNotFound,
	"HostedZoneAlreadyExists":      http.StatusConflict,
	"InsufficientInstanceCapacity": http.StatusInternalServerError,
	"EntityAlreadyExists":          http.StatusConflict,
	"DeleteConflict":               http.StatusConflict,
	"LimitExceeded":                http.StatusConflict,
	"ConcurrentModification":       http.StatusConflict,
	"RequestLimitExceeded":         http.StatusServiceUnavailable,
	"ServiceUnavailable":           http.StatusServiceUnavailable,
	"Unavailable":                  http.StatusServiceUnavailable,
	"InternalError":                http.StatusInternalServerError,
	"InternalFailure":              http.StatusInternalServerError,
	"InternalServerError":          http.StatusInternalServerError,
}

// dress gives a refusal the form that it has when it comes over HTTP: a status and a request id around the code. Other
// errors, such as a broken connection, have no response and stay as they are.
func dress(err error, requestID string) error {
	if _, refused := errors.AsType[smithy.APIError](err); !refused {
		return err
	}
	if _, dressed := errors.AsType[*awshttp.ResponseError](err); dressed {
		return err
	}
	return &awshttp.ResponseError{
		RequestID:     requestID,
		ResponseError: &smithyhttp.ResponseError{Response: response(err), Err: err},
	}
}

// response is the bare HTTP response that an answer came with.
func response(err error) *smithyhttp.Response {
	status := http.StatusOK
	if err != nil {
		status = http.StatusBadRequest
		if known, ok := statuses[code(err)]; ok {
			status = known
		}
	}
	return &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}}
}

// code is the AWS code of an error; "" when there is none or the error is not of AWS.
func code(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}

// errUnknownKey is turned into the code of each service by keyRefusal.
var errUnknownKey = errors.New("unknown access key")

// keyRefusal says as the service says it that a key is not known. EC2 has its own code.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors
func keyRefusal(service string, err error) error {
	switch {
	case !errors.Is(err, errUnknownKey):
		return err
	case strings.EqualFold(service, "EC2"):
		return refuse("AuthFailure", "AWS was not able to validate the provided access credentials")
	}
	return refuse("InvalidClientTokenId", "The security token included in the request is invalid")
}
