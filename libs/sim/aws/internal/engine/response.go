package engine

import (
	"errors"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// statuses are the HTTP statuses of error codes that are not 400 Bad Request.
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

// overHTTP gives an AWS error the form that it has when it comes over HTTP: a status and a request id around the code.
// Other errors, such as a broken connection, have no response and stay unchanged.
func overHTTP(err error, requestID string) error {
	if _, refused := errors.AsType[smithy.APIError](err); !refused {
		return err
	}
	if _, done := errors.AsType[*awshttp.ResponseError](err); done {
		return err
	}
	return &awshttp.ResponseError{
		RequestID:     requestID,
		ResponseError: &smithyhttp.ResponseError{Response: response(err), Err: err},
	}
}

// response is an HTTP response with the status of an answer and no content.
func response(err error) *smithyhttp.Response {
	status := http.StatusOK
	if err != nil {
		status = http.StatusBadRequest
		if known, ok := statuses[Code(err)]; ok {
			status = known
		}
	}
	return &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}}
}
