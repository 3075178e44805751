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

// errorClass is what an error code of AWS means.
type errorClass struct {
	kind   fault.Kind
	class  fault.Class
	remedy string
}

// errorClasses are the error codes that mean something in particular. The start is
// Gardener's table of error codes; AWS lists them at
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
var errorClasses = map[string]errorClass{
	"AuthFailure":             {fault.Unauthenticated, fault.Auth, "Check that the role of this service still trusts Skep and its ExternalId."},
	"InvalidClientTokenId":    {fault.Unauthenticated, fault.Auth, "Check that the credentials of Skep are still active."},
	"ExpiredToken":            {fault.Unauthenticated, fault.Auth, "Nothing to do: new credentials are asked for."},
	"SignatureDoesNotMatch":   {fault.Unauthenticated, fault.Auth, "Check the credentials and the clock of this machine."},
	"UnauthorizedOperation":   {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"AccessDenied":            {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"AccessDeniedException":   {fault.Denied, fault.Permission, "Attach the policy of this service to its role in the account; see docs/iam.md."},
	"VpcLimitExceeded":        {fault.Exhausted, fault.Quota, "Raise the quota L-F678F1CE (VPCs per region) or remove a VPC."},
	"AddressLimitExceeded":    {fault.Exhausted, fault.Quota, "Raise the quota L-0263D0A3 (elastic IPs) or release an address."},
	"NatGatewayLimitExceeded": {fault.Exhausted, fault.Quota, "Raise the quota L-FE5A380F (NAT gateways per zone) or use NAT_SINGLE."},
	"VcpuLimitExceeded":       {fault.Exhausted, fault.Quota, "Raise the quota L-1216C47A (standard on-demand vCPUs)."},
	"InstanceLimitExceeded":   {fault.Exhausted, fault.Quota, "Raise the quota of running instances of this type."},
	"TooManyLoadBalancers":    {fault.Exhausted, fault.Quota, "Raise the quota of network load balancers or remove one."},
	"TooManyTargetGroups":     {fault.Exhausted, fault.Quota, "Raise the quota of target groups or remove one."},
	"TooManyHostedZones":      {fault.Exhausted, fault.Quota, "Raise the quota of hosted zones or remove one."},
	"LimitExceeded":           {fault.Exhausted, fault.Quota, "Raise the quota that the message names."},
	"InsufficientInstanceCapacity": {fault.Unavailable, fault.Capacity,
		"AWS has none of this instance type in this zone right now: it is asked again, or declare another type."},
	"Unsupported":               {fault.Precondition, fault.Capacity, "This instance type is not offered in this zone: declare another type."},
	"DependencyViolation":       {fault.Unavailable, fault.Dependency, "Something still uses it. It is tried again; if it stays, remove what the message names."},
	"ResourceInUse":             {fault.Unavailable, fault.Dependency, "Something still uses it. It is tried again."},
	"DeleteConflict":            {fault.Unavailable, fault.Dependency, "Something still uses it. It is tried again."},
	"HostedZoneNotEmpty":        {fault.Unavailable, fault.Dependency, "Remove the records that were added to the zone by hand."},
	"InvalidIPAddress.InUse":    {fault.Unavailable, fault.Dependency, "Something still uses the address. It is tried again."},
	"ScalingActivityInProgress": {fault.Unavailable, fault.Dependency, "The group is busy. It is tried again."},
	"OperationAborted":          {fault.Unavailable, fault.Transient, "Nothing to do: it is tried again."},
	"ConcurrentModification":    {fault.Unavailable, fault.Transient, "Nothing to do: it is tried again."},
	"PriorRequestNotComplete":   {fault.Unavailable, fault.Rate, "Nothing to do: it is tried again."},
	"InternalError":             {fault.Unavailable, fault.Transient, "Nothing to do: it is tried again."},
	"InternalFailure":           {fault.Unavailable, fault.Transient, "Nothing to do: it is tried again."},
	"ServiceUnavailable":        {fault.Unavailable, fault.Transient, "Nothing to do: it is tried again."},
	"OptInRequired":             {fault.Precondition, fault.Configuration, "Enable this region in the account."},
}

// Classify reads the error of an SDK call.
func Classify(operation string, err error) fault.Fault {
	f := fault.Fault{Operation: operation}
	var response *awshttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		f.RequestID, status = response.ServiceRequestID(), response.HTTPStatusCode()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		// There is no answer, so nobody knows whether the call took effect.
		f.Kind, f.Class, f.InDoubt = fault.Unavailable, fault.Transient, true
		f.Message, f.Remedy = "AWS did not answer: "+err.Error(), "Nothing to do: it is tried again."
		return f
	}
	f.AWSCode, f.Message = api.ErrorCode(), api.ErrorMessage()
	known, ok := errorClasses[f.AWSCode]
	switch {
	case IsThrottle(err):
		f.Kind, f.Class, f.Remedy = fault.Exhausted, fault.Rate, "Nothing to do: it is tried again more slowly."
	case ok:
		f.Kind, f.Class, f.Remedy = known.kind, known.class, known.remedy
	case IsNotFound(err):
		f.Kind, f.Class, f.Remedy = fault.NotFound, fault.Dependency, "Nothing to do: it is looked up again."
	case strings.HasSuffix(f.AWSCode, "LimitExceeded"):
		f.Kind, f.Class, f.Remedy = fault.Exhausted, fault.Quota, "Raise the quota that the message names."
	default:
		f.Kind, f.Class = fault.Precondition, fault.Configuration
		f.Remedy = "AWS refuses this declaration: change what the message names."
	}
	if status >= http.StatusInternalServerError && f.Class != fault.Rate && f.Class != fault.Capacity {
		f.Kind, f.Class, f.InDoubt = fault.Unavailable, fault.Transient, true
	}
	return f
}

// Wrap turns the error of an SDK call into a fault.
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

// NotSent stands in place of the code of an answer to a call that was never made.
const NotSent = "NotSent"

// Unsent is why a call was never made: there is no doubt about its effect.
func Unsent(f fault.Fault, cause error) *fault.Fault {
	f.AWSCode, f.InDoubt = cmp.Or(f.AWSCode, NotSent), false
	return f.Because(cause)
}

// Code is the error code that AWS answered with, or "".
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// IsNotFound reports whether AWS answered that the thing does not exist.
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

// IgnoreNotFound returns nil if AWS answered that the thing does not exist.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}
