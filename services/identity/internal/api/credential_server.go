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

// CredentialServer serves CredentialService. What it answers is never logged, and
// nothing of it is kept.
type CredentialServer struct {
	identityv1.UnimplementedCredentialServiceServer
	// Bucket holds accounts and cluster identities.
	Bucket *store.Bucket
	// STS makes the AWS configuration with the credentials of the installation.
	STS func(ctx context.Context) (aws.Config, error)
	// Budget keeps the calls below what AWS allows the installation.
	Budget *ratelimit.Limiter
	// Installation is told to AWS with every session.
	Installation string
	// Secrets opens the authorities that sign.
	Secrets Secrets
}

const (
	// sessionLife is how long credentials last: the most that AWS gives a role
	// that was assumed by another.
	sessionLife = time.Hour
	// usualPrefix is what the names of roles begin with where an account says nothing.
	usualPrefix = "skep-"
	// sessionNameLength is how long the name of a session may be.
	sessionNameLength = 64
)

// IssueAwsCredentials implements CredentialService. Which role is assumed follows
// from the account's record alone, and the ExternalId goes with every call: nobody
// can make Skep use its way into an account for somebody else.
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
	wanted := s.session(account, in.GetService(), config.Region)
	out, err := sts.NewFromConfig(config).AssumeRole(ctx, wanted)
	if err != nil {
		return nil, closed(err, aws.ToString(wanted.RoleArn), account)
	}
	return &identityv1.IssueAwsCredentialsResponse{
		AccessKeyId:     aws.ToString(out.Credentials.AccessKeyId),
		SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken:    aws.ToString(out.Credentials.SessionToken),
		ExpireTime:      timestamppb.New(aws.ToTime(out.Credentials.Expiration)),
		AwsAccountId:    account.GetSpec().GetAwsAccountId(),
	}, nil
}

// session asks for the role of a service in an account.
func (s *CredentialServer) session(account *identityv1.Account, service, region string) *sts.AssumeRoleInput {
	prefix := account.GetSpec().GetRolePrefix()
	if prefix == "" {
		prefix = usualPrefix
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

// closed says what to do about a role that does not let Skep in.
func closed(err error, role string, account *identityv1.Account) error {
	if errorclass.Code(err) != "AccessDenied" {
		return err
	}
	return fault.Fault{Kind: fault.Denied, Class: fault.Permission, Operation: "sts AssumeRole", AWSCode: "AccessDenied",
		Message: "role " + role + " does not let Skep in",
		Remedy: fmt.Sprintf("Create the role in AWS account %s, and let it trust Skep for sts:AssumeRole and sts:TagSession with the ExternalId %s.",
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
