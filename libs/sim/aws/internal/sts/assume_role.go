package sts

import (
	"cmp"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/iam"
)

// roleFixture is a role that exists before any test.
type roleFixture struct{ Account, Name, ExternalID string }

// Owner implements engine.Attributes.
func (p roleFixture) Owner() string { return p.Account }

// Summary implements engine.Attributes.
func (p roleFixture) Summary(func(id string) string) string { return p.Name }

var roleFixtures = engine.NewType[roleFixture](engine.Type{Service: "STS", Name: "RoleFixture", Shared: true, Hidden: true})

func handleAssumeRole(s *engine.Service) {
	engine.Handle(s, "AssumeRole", engine.Fields{"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "Policy", "PolicyArns", "SourceIdentity", "Tags", "TransitiveTagKeys"}, assumeRole)
	engine.Handle(s, "GetCallerIdentity", engine.Fields{}, getCallerIdentity)
}

// NewRoleFixture adds a role that exists before any test. A caller that knows the external id may assume it; with an
// empty external id, every caller may. Roles of CreateRole cannot be assumed. Neither the text, nor Empty, nor the
// ledger shows it. A second role with the same name replaces the first.
func NewRoleFixture(c *engine.Call, account, role, externalID string) {
	roleFixtures.Create(c, account+"/"+role, roleFixture{account, role, externalID}, nil)
}

var (
	roleARN     = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// assumeRole returns credentials if the external id is right. It accepts policies and tags of the session, and does not
// evaluate them.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assumeRole(c *engine.Call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	match := roleARN.FindStringSubmatch(aws.ToString(in.RoleArn))
	session := aws.ToString(in.RoleSessionName)
	life := time.Duration(cmp.Or(aws.ToInt32(in.DurationSeconds), 3600)) * time.Second
	chained := c.Principal != engine.Root
	switch {
	case match == nil:
		return nil, engine.ValidationError("%s is invalid", aws.ToString(in.RoleArn))
	case !sessionName.MatchString(session):
		return nil, engine.ValidationError("1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint", session)
	case life < 15*time.Minute || life > 12*time.Hour:
		return nil, engine.ValidationError("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint", aws.ToInt32(in.DurationSeconds))
	case chained && life > time.Hour:
		return nil, engine.ValidationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case len(in.Tags) > 50:
		return nil, engine.ValidationError("1 validation error detected: at most 50 session tags are allowed")
	}
	r, ok := roleFixtures.Find(c, match[1]+"/"+match[2])
	if !ok || r.Data.ExternalID != "" && r.Data.ExternalID != aws.ToString(in.ExternalId) {
		return nil, engine.Refuse("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", engine.PrincipalARN(c.Account, c.Principal), *in.RoleArn)
	}
	c.AdvanceSerial()
	credentials := c.NewCredentials(r.Data.Account, r.Data.Name, life)
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{
			Arn:           aws.String(engine.PrincipalARN(r.Data.Account, r.Data.Name) + "/" + session),
			AssumedRoleId: aws.String(iam.UniqueID(c, "AROA", r.Seq) + ":" + session),
		},
		Credentials: &types.Credentials{
			AccessKeyId: aws.String(credentials.AccessKeyID), SecretAccessKey: aws.String(credentials.SecretAccessKey),
			SessionToken: aws.String(credentials.SessionToken), Expiration: aws.Time(credentials.Expires),
		},
		SourceIdentity: in.SourceIdentity,
	}, nil
}

// getCallerIdentity succeeds for every caller.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *engine.Call, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	out := &sts.GetCallerIdentityOutput{Account: aws.String(c.Account), Arn: aws.String(engine.PrincipalARN(c.Account, c.Principal)), UserId: aws.String(c.Account)}
	if c.Principal != engine.Root {
		out.UserId = aws.String("AROA" + c.Account + ":" + c.Principal)
	}
	return out, nil
}
