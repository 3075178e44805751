package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"google.golang.org/protobuf/types/known/timestamppb"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

// CredentialServer serves CredentialService. It neither logs nor stores its answers.
type CredentialServer struct {
	identityv1.UnimplementedCredentialServiceServer
	// Bucket holds accounts and cluster identities.
	Bucket *store.Bucket
	// STS returns the AWS configuration with the credentials of the installation.
	STS func(ctx context.Context) (aws.Config, error)
	// Budget limits the calls to the API budget of the installation.
	Budget *ratelimit.Limiter
	// Installation is the id of the installation, which every session has in its name and
	// its tags.
	Installation string
	// Secrets unseals the certificate authorities that sign.
	Secrets Secrets
}

const (
	// sessionLife is the lifetime of credentials. One hour is the maximum of AWS for role
	// chaining, when a role assumes another role.
	sessionLife = time.Hour
	// defaultPrefix is the prefix of role names if the account has none.
	defaultPrefix = "skep-"
	// sessionNameLength is the maximum length of the name of a session.
	sessionNameLength = 64
)

// IssueAwsCredentials implements CredentialService. The role depends only on the record of
// the account and on the service, and every call sends the ExternalId of the account. So no caller
// can make Skep use its access to the AWS account of another organization.
func (s *CredentialServer) IssueAwsCredentials(ctx context.Context, in *identityv1.IssueAwsCredentialsRequest) (*identityv1.IssueAwsCredentialsResponse, error) {
	account, ok := object.Find[*identityv1.Account](s.Bucket, object.Accounts, in.GetAccount())
	if !ok {
		return nil, fault.NotFoundf("account %q does not exist", in.GetAccount())
	}
	if account.GetStatus().GetExternalId() == "" {
		return nil, fault.Waitingf("account %q has no ExternalId yet", in.GetAccount())
	}
	config, err := s.STS(ctx)
	if err != nil {
		return nil, fmt.Errorf("open sts: %w", err)
	}
	config.APIOptions = slices.Clone(config.APIOptions)
	session.Instrument(&config, s.Budget, ratelimit.Installation)
	desired := s.session(account, in.GetService(), config.Region)
	out, err := sts.NewFromConfig(config).AssumeRole(ctx, desired)
	if err != nil {
		return nil, accessFault(err, aws.ToString(desired.RoleArn), account)
	}
	return &identityv1.IssueAwsCredentialsResponse{
		AccessKeyId:     aws.ToString(out.Credentials.AccessKeyId),
		SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken:    aws.ToString(out.Credentials.SessionToken),
		ExpireTime:      timestamppb.New(aws.ToTime(out.Credentials.Expiration)),
		AwsAccountId:    account.GetSpec().GetAwsAccountId(),
	}, nil
}

// session returns the request for the role of a service in an account.
func (s *CredentialServer) session(account *identityv1.Account, service, region string) *sts.AssumeRoleInput {
	prefix := account.GetSpec().GetRolePrefix()
	if prefix == "" {
		prefix = defaultPrefix
	}
	name := "skep-" + service + "@" + s.Installation
	return &sts.AssumeRoleInput{
		RoleArn:         aws.String(fmt.Sprintf("arn:%s:iam::%s:role/%s%s", identity.Partition(region), account.GetSpec().GetAwsAccountId(), prefix, service)),
		RoleSessionName: aws.String(name[:min(len(name), sessionNameLength)]),
		ExternalId:      aws.String(account.GetStatus().GetExternalId()),
		DurationSeconds: aws.Int32(int32(sessionLife.Seconds())),
		Tags: []types.Tag{
			{Key: aws.String(session.TagInstallation), Value: aws.String(s.Installation)},
			{Key: aws.String(session.TagOrganization), Value: aws.String(object.Organization(account.GetName()))},
		},
	}
}

// accessFault returns the fault of a role that refuses Skep, with the remedy for the account
// administrator. It returns every other error unchanged.
func accessFault(err error, role string, account *identityv1.Account) error {
	if errorclass.Code(err) != "AccessDenied" {
		return err
	}
	return fault.Fault{Kind: fault.Denied, Class: fault.Permission, Operation: "sts AssumeRole", AWSCode: "AccessDenied",
		Message: "role " + role + " does not exist or does not trust Skep",
		Remedy: fmt.Sprintf("Create the role in AWS account %s with a trust policy that allows Skep sts:AssumeRole and sts:TagSession with the ExternalId %s.",
			account.GetSpec().GetAwsAccountId(), account.GetStatus().GetExternalId()),
	}.Because(err)
}

// IssueClientCertificate implements CredentialService.
func (s *CredentialServer) IssueClientCertificate(_ context.Context, in *identityv1.IssueClientCertificateRequest) (*identityv1.IssueClientCertificateResponse, error) {
	key, err := object.ClusterIdentities.Key(in.GetClusterIdentity())
	if err != nil {
		return nil, err
	}
	record, ok := s.Bucket.Get(key)
	if !ok {
		return nil, fault.NotFoundf("cluster identity %q does not exist", in.GetClusterIdentity())
	}
	r, err := object.Unpack[*identityv1.ClusterIdentity](record.Record, record.Revision)
	if err != nil {
		return nil, err
	}
	authority, err := s.Secrets.authority(r, record.Record, kubernetes)
	if err != nil {
		return nil, err
	}
	issued, err := authority.IssueClientCertificate(in.GetCommonName(), in.GetGroups())
	if err != nil {
		return nil, err
	}
	return &identityv1.IssueClientCertificateResponse{
		Certificate: issued.Certificate, PrivateKey: string(issued.Key),
		CertificateAuthority: authority.Certificate(), ExpireTime: timestamppb.New(issued.ExpireTime),
	}, nil
}
