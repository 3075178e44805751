package host

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
)

// identity is the service that holds the way into accounts.
const identity = "identity"

// issuer returns how a service comes by credentials: from identity, which
// assumes the service's own role in the account.
func (h *Host) issuer(service string) func(context.Context, string) (aws.Credentials, error) {
	if h.options.Issue != nil {
		return h.options.Issue
	}
	return func(ctx context.Context, account string) (aws.Credentials, error) {
		conn, err := h.Peer(identity)
		if err != nil {
			return aws.Credentials{}, err
		}
		issued, err := identityv1.NewCredentialServiceClient(conn).IssueAwsCredentials(ctx, &identityv1.IssueAwsCredentialsRequest{
			Account: account, Service: service,
		})
		if err != nil {
			return aws.Credentials{}, err
		}
		return aws.Credentials{
			AccessKeyID: issued.GetAccessKeyId(), SecretAccessKey: issued.GetSecretAccessKey(), SessionToken: issued.GetSessionToken(),
			CanExpire: true, Expires: issued.GetExpireTime().AsTime(), AccountID: issued.GetAwsAccountId(), Source: "skep-identity",
		}, nil
	}
}
