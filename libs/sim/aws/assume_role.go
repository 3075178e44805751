package aws

import (
	"cmp"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// plantedRole is a way into an account that was there before.
type plantedRole struct{ Account, Name, ExternalID string }

func (p plantedRole) owner() string                      { return p.Account }
func (p plantedRole) text(func(id string) string) string { return p.Name }

var plantedRoles = register(kind[plantedRole]{service: "IAM", name: "PlantedRole", shared: true, hidden: true})

func init() {
	handle("STS", "AssumeRole", fields{"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "Policy", "PolicyArns", "SourceIdentity", "Tags", "TransitiveTagKeys"}, assumeRole)
	handle("STS", "GetCallerIdentity", fields{}, getCallerIdentity)
}

// PlantRole gives an account a role that was there before and that anybody may assume who knows its external id; none is
// asked for when it is "". Roles that are made by CreateRole cannot be assumed. It counts in neither World.String nor
// World.Empty nor the ledger. Planting it again replaces the external id. It fails only on a journal that cannot be written.
func (w *World) PlantRole(account, role, externalID string) error {
	w.enter()
	defer w.mu.Unlock()
	c := w.by(byAWS, scope{account, global})
	plantedRoles.create(c, account+"/"+role, plantedRole{account, role, externalID}, nil)
	return c.keep()
}

var (
	roleARN     = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// assumeRole gives credentials to whoever shows the right external id. Policies and tags of the session are taken and not
// evaluated.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func assumeRole(c *call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	match := roleARN.FindStringSubmatch(aws.ToString(in.RoleArn))
	session := aws.ToString(in.RoleSessionName)
	life := time.Duration(cmp.Or(aws.ToInt32(in.DurationSeconds), 3600)) * time.Second
	chained := c.Principal != root
	switch {
	case match == nil:
		return nil, validation("%s is invalid", aws.ToString(in.RoleArn))
	case !sessionName.MatchString(session):
		return nil, validation("1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint", session)
	case life < 15*time.Minute || life > 12*time.Hour:
		return nil, validation("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint", aws.ToInt32(in.DurationSeconds))
	case chained && life > time.Hour:
		return nil, validation("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case len(in.Tags) > 50:
		return nil, validation("1 validation error detected: at most 50 session tags are allowed")
	}
	r, ok := plantedRoles.in(c.w, scope{}).byID[match[1]+"/"+match[2]]
	if !ok || r.Data.ExternalID != "" && r.Data.ExternalID != aws.ToString(in.ExternalId) {
		return nil, refuse("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", principalARN(c.Account, c.Principal), *in.RoleArn)
	}
	c.w.seq++
	credentials := c.mint(r.Data.Account, r.Data.Name, life)
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{
			Arn:           aws.String(principalARN(r.Data.Account, r.Data.Name) + "/" + session),
			AssumedRoleId: aws.String(c.iamID("AROA", r.Seq) + ":" + session),
		},
		Credentials: &types.Credentials{
			AccessKeyId: aws.String(credentials.AccessKeyID), SecretAccessKey: aws.String(credentials.SecretAccessKey),
			SessionToken: aws.String(credentials.SessionToken), Expiration: aws.Time(credentials.Expires),
		},
		SourceIdentity: in.SourceIdentity,
	}, nil
}

// getCallerIdentity is allowed to everybody.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *call, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	out := &sts.GetCallerIdentityOutput{Account: aws.String(c.Account), Arn: aws.String(principalARN(c.Account, c.Principal)), UserId: aws.String(c.Account)}
	if c.Principal != root {
		out.UserId = aws.String("AROA" + c.Account + ":" + c.Principal)
	}
	return out, nil
}
