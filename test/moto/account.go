package moto

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// Management is the account that Skep itself runs in: moto assigns it to unknown credentials.
const Management = "123456789012"

// Account is one account in one region with the rights of its administrator.
type Account struct {
	// Number is the number of the account.
	Number string
	// Config is the configuration of SDK clients with all rights.
	Config aws.Config
}

// Account returns an account in a region. The proxy does not count its calls.
func (p *Proxy) Account(number, region string) *Account {
	return &Account{Number: number, Config: aws.Config{
		Region: region, BaseEndpoint: aws.String(p.URL),
		Credentials: credentials.NewStaticCredentialsProvider("administrator", "administrator", ""),
		APIOptions:  []func(*middleware.Stack) error{smithyhttp.AddHeaderValue(administrator, number)},
	}}
}

// Onboard prepares the account for Skep as its administrator does: it creates a role for each
// service, which trusts Skep with the external id, and the hosted zone of the domain.
func (a *Account) Onboard(t *testing.T, externalID, domain string, services ...string) {
	t.Helper()
	roles := iam.NewFromConfig(a.Config)
	for _, service := range services {
		_, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("skep-" + service), AssumeRolePolicyDocument: aws.String(trust(t, externalID)),
		})
		require.NoError(t, err)
	}
	_, err := route53.NewFromConfig(a.Config).CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{
		Name: aws.String(domain), CallerReference: aws.String(domain),
	})
	require.NoError(t, err)
}

// trust returns the trust policy that lets Skep assume a role with the external id.
func trust(t *testing.T, externalID string) string {
	t.Helper()
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": []string{"sts:AssumeRole", "sts:TagSession"},
		"Principal": map[string]any{"AWS": fmt.Sprintf("arn:aws:iam::%s:root", Management)},
		"Condition": map[string]any{"StringEquals": map[string]any{"sts:ExternalId": externalID}},
	}}})
	require.NoError(t, err)
	return string(document)
}
