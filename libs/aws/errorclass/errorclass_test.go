package errorclass_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// answered returns an answer of AWS with this code.
func answered(code string) error {
	return fmt.Errorf("call: %w", &smithy.GenericAPIError{Code: code, Message: "message of AWS"})
}

func TestCodesOfMissingResourcesAreNotFound(t *testing.T) {
	t.Parallel()
	for code, notFound := range map[string]bool{
		"InvalidVpcID.NotFound": true, "NatGatewayNotFound": true, "NoSuchEntity": true, "NoSuchHostedZone": true, "TargetGroupNotFound": true,
		"ResourceNotFoundException": true, "Gateway.NotAttached": true, "InvalidTarget": true,
		"InvalidParameterValue": false, "DependencyViolation": false, "AccessDenied": false,
	} {
		err := answered(code)
		require.Equal(t, code, errorclass.Code(err))
		require.Equal(t, notFound, errorclass.IsNotFound(err), code)
		require.Equal(t, notFound, errorclass.IgnoreNotFound(err) == nil, code)
	}
	other := errors.New("connection reset")
	require.Empty(t, errorclass.Code(other))
	require.Equal(t, other, errorclass.IgnoreNotFound(other))
	require.NoError(t, errorclass.IgnoreNotFound(nil))
}

func TestTheEffectOfACallWithoutAnswerIsUncertain(t *testing.T) {
	t.Parallel()
	f := fault.Of(errorclass.Wrap("EC2 CreateVpc", errors.New("connection reset")))
	require.True(t, f.Uncertain)
	require.Equal(t, "EC2 CreateVpc", f.Operation)
	require.False(t, fault.Of(errorclass.Wrap("EC2 CreateVpc", answered("VpcLimitExceeded"))).Uncertain)
	unsent := errorclass.Unsent(*f, f)
	require.False(t, unsent.Uncertain)
	require.Equal(t, errorclass.NotSent, unsent.AWSCode)
	require.Equal(t, error(unsent), errorclass.Wrap("EC2 DeleteVpc", unsent), "a fault stays as it is")
}
