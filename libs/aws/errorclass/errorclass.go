// Package errorclass classifies the errors of AWS calls: a table from AWS error codes to the fault class, and with it
// to the actor and the remedy. It imports nothing of Skep but fault. Every package that calls AWS may import it.
package errorclass

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// errorClass is the meaning of an AWS error code.
type errorClass struct {
	kind   fault.Kind
	class  fault.Class
	remedy string
}

// errorClasses are the error codes with a particular meaning. The table began with the error codes of Gardener; AWS
// lists them at https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
var errorClasses = map[string]errorClass{
	"AuthFailure":             {fault.Unauthenticated, fault.Auth, "Check that the role of this service still trusts Skep and its ExternalId."},
	"InvalidClientTokenId":    {fault.Unauthenticated, fault.Auth, "Check that the credentials of Skep are still active."},
	"ExpiredToken":            {fault.Unauthenticated, fault.Auth, "Nothing to do: Skep requests new credentials."},
	"SignatureDoesNotMatch":   {fault.Unauthenticated, fault.Auth, "Check the credentials and the clock of this machine."},
	"UnauthorizedOperation":   {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"AccessDenied":            {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"AccessDeniedException":   {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"VpcLimitExceeded":        {fault.Exhausted, fault.Quota, "Raise the quota L-F678F1CE (VPCs per region) or delete a VPC."},
	"AddressLimitExceeded":    {fault.Exhausted, fault.Quota, "Raise the quota L-0263D0A3 (elastic IPs) or release an address."},
	"NatGatewayLimitExceeded": {fault.Exhausted, fault.Quota, "Raise the quota L-FE5A380F (NAT gateways per zone) or use NAT_SINGLE."},
	"VcpuLimitExceeded":       {fault.Exhausted, fault.Quota, "Raise the quota L-1216C47A (standard on-demand vCPUs)."},
	"InstanceLimitExceeded":   {fault.Exhausted, fault.Quota, "Raise the quota of running instances of this type."},
	"TooManyLoadBalancers":    {fault.Exhausted, fault.Quota, "Raise the quota of network load balancers or delete one."},
	"TooManyTargetGroups":     {fault.Exhausted, fault.Quota, "Raise the quota of target groups or delete one."},
	"TooManyHostedZones":      {fault.Exhausted, fault.Quota, "Raise the quota of hosted zones or delete one."},
	"LimitExceeded":           {fault.Exhausted, fault.Quota, "Raise the quota that the message names."},
	"InsufficientInstanceCapacity": {fault.Unavailable, fault.Capacity,
		"AWS has no capacity for this instance type in this zone now. Skep retries; or declare another instance type."},
	"Unsupported":               {fault.Precondition, fault.Capacity, "AWS does not offer this instance type in this zone: declare another one."},
	"DependencyViolation":       {fault.Unavailable, fault.Dependency, "Another resource still uses it. Skep retries; if the error persists, delete the resource that the message names."},
	"ResourceInUse":             {fault.Unavailable, fault.Dependency, "Another resource still uses it. Skep retries."},
	"DeleteConflict":            {fault.Unavailable, fault.Dependency, "Another resource still uses it. Skep retries."},
	"HostedZoneNotEmpty":        {fault.Unavailable, fault.Dependency, "Delete the records that were added to the hosted zone by hand."},
	"InvalidIPAddress.InUse":    {fault.Unavailable, fault.Dependency, "Another resource still uses the address. Skep retries."},
	"ScalingActivityInProgress": {fault.Unavailable, fault.Dependency, "The auto scaling group is busy. Skep retries."},
	"OperationAborted":          {fault.Unavailable, fault.Transient, "Nothing to do: Skep retries."},
	"ConcurrentModification":    {fault.Unavailable, fault.Transient, "Nothing to do: Skep retries."},
	"PriorRequestNotComplete":   {fault.Unavailable, fault.Rate, "Nothing to do: Skep retries."},
	"InternalError":             {fault.Unavailable, fault.Transient, "Nothing to do: Skep retries."},
	"InternalFailure":           {fault.Unavailable, fault.Transient, "Nothing to do: Skep retries."},
	"ServiceUnavailable":        {fault.Unavailable, fault.Transient, "Nothing to do: Skep retries."},
	"OptInRequired":             {fault.Precondition, fault.Configuration, "Enable this region in the account."},
}

// Classify returns the fault of an error that an SDK call returned. Codes without a particular meaning are of class
// configuration; an error with status 5xx, or without an answer, leaves the effect of the call uncertain.
func Classify(operation string, err error) fault.Fault {
	f := fault.Fault{Operation: operation}
	var response *awshttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		f.RequestID, status = response.ServiceRequestID(), response.HTTPStatusCode()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		// AWS did not answer, so the call may have taken effect.
		f.Kind, f.Class, f.Uncertain = fault.Unavailable, fault.Transient, true
		f.Message, f.Remedy = "AWS did not answer: "+err.Error(), "Nothing to do: Skep retries."
		return f
	}
	f.AWSCode, f.Message = api.ErrorCode(), api.ErrorMessage()
	known, ok := errorClasses[f.AWSCode]
	switch {
	case IsThrottle(err):
		f.Kind, f.Class, f.Remedy = fault.Exhausted, fault.Rate, "Nothing to do: Skep retries at a lower rate."
	case ok:
		f.Kind, f.Class, f.Remedy = known.kind, known.class, known.remedy
	case IsNotFound(err):
		f.Kind, f.Class, f.Remedy = fault.NotFound, fault.Dependency, "Nothing to do: Skep reads it again."
	case strings.HasSuffix(f.AWSCode, "LimitExceeded"):
		f.Kind, f.Class, f.Remedy = fault.Exhausted, fault.Quota, "Raise the quota that the message names."
	default:
		f.Kind, f.Class = fault.Precondition, fault.Configuration
		f.Remedy = "AWS refuses the declared value: change the value that the message names."
	}
	if status >= http.StatusInternalServerError && f.Class != fault.Rate && f.Class != fault.Capacity {
		f.Kind, f.Class, f.Uncertain = fault.Unavailable, fault.Transient, true
	}
	return f
}

// Wrap returns the error of an SDK call as a fault. An error that contains a fault already stays unchanged.
func Wrap(operation string, err error) error {
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return err
	}
	return Classify(operation, err).Because(err)
}

// IsThrottle reports whether AWS refused the call for its rate.
func IsThrottle(err error) bool {
	return retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err).Bool()
}

// NotSent stands in place of the AWS error code in the fault of a call that was never sent.
const NotSent = "NotSent"

// Unsent returns the fault of a call that was never sent, so its effect is certain: none.
func Unsent(f fault.Fault, cause error) *fault.Fault {
	f.AWSCode, f.Uncertain = cmp.Or(f.AWSCode, NotSent), false
	return f.Because(cause)
}

// Code returns the error code in the answer of AWS, or "".
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// IsNotFound reports whether err says that the resource does not exist.
func IsNotFound(err error) bool {
	code := Code(err)
	switch code {
	case "NatGatewayNotFound", "NoSuchEntity", "NoSuchHostedZone", "LoadBalancerNotFound", "TargetGroupNotFound",
		"ListenerNotFound", "InvalidTarget", "Gateway.NotAttached":
		return true
	}
	return strings.HasPrefix(code, "Invalid") && strings.HasSuffix(code, ".NotFound") ||
		strings.HasSuffix(code, "NotFoundException") || strings.HasSuffix(code, "NotFoundFault")
}

// IgnoreNotFound returns nil if err says that the resource does not exist, and err otherwise.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}
