package ingress_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/stretchr/testify/require"
)

// fixtureZone creates the zone that an API endpoint provides, and returns its id.
func fixtureZone(ctx context.Context, t *testing.T, config aws.Config) string {
	t.Helper()
	out, err := route53.NewFromConfig(config).CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: aws.String(zoneName), CallerReference: aws.String("fixture"),
	})
	require.NoError(t, err)
	return strings.TrimPrefix(aws.ToString(out.HostedZone.Id), "/hostedzone/")
}
