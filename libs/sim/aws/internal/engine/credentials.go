package engine

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	signature = regexp.MustCompile(`Credential=([^/]+)/[0-9]{8}/([^/]+)/[^/]+/aws4_request`)
)

// Root is the principal behind the permanent key of an account.
const Root = "root"

// session is a set of temporary credentials of a role.
type session struct {
	Account, Role string
	Expires       time.Time
}

// Owner implements Attributes.
func (s session) Owner() string { return s.Account }

// Summary implements Attributes.
func (s session) Summary(func(id string) string) string { return s.Role }

var sessions = NewType[session](Type{Name: "Session", Shared: true, Hidden: true})

// AccessKey returns the id of the permanent key of an account. It panics if the account is not twelve digits.
func (e *Engine) AccessKey(account string) string {
	if !accountID.MatchString(account) {
		panic(fmt.Sprintf("awssim: account %q is not twelve digits", account))
	}
	return "AKIA0000" + account
}

// NewCredentials returns temporary credentials of a role. Their lifetime is not scaled, because callers compare it with
// the wall clock.
func (c *Call) NewCredentials(account, role string, lifetime time.Duration) aws.Credentials {
	expires := c.Now().Add(lifetime)
	key := "ASIA" + strings.ToUpper(c.Serial("session", 16))
	r := sessions.Create(c, key, session{Account: account, Role: role, Expires: expires}, nil)
	r.GoneAt = expires.Add(time.Hour)
	sessions.Put(c, r)
	return aws.Credentials{
		AccessKeyID: key, SecretAccessKey: "secret", SessionToken: "session-" + key,
		CanExpire: true, Expires: expires, AccountID: account,
	}
}

// identify reads the caller and the region from the signature of a request.
func (e *Engine) identify(authorization string) (account, region, principal string, err error) {
	match := signature.FindStringSubmatch(authorization)
	if match == nil {
		return "", "", "", Refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	key, region := match[1], match[2]
	if account, permanent := strings.CutPrefix(key, "AKIA0000"); permanent && accountID.MatchString(account) {
		return account, region, Root, nil
	}
	r, found := sessions.table(e, Scope{}).byID[key]
	switch {
	case !found:
		return "", "", "", errUnknownKey
	case !e.now().Before(r.Data.Expires):
		return "", "", "", Refuse("ExpiredToken", "The security token included in the request is expired")
	}
	return r.Data.Account, region, r.Data.Role, nil
}

// PrincipalARN returns the ARN of a caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func PrincipalARN(account, principal string) string {
	if principal == Root {
		return "arn:aws:iam::" + account + ":root"
	}
	return "arn:aws:sts::" + account + ":assumed-role/" + principal
}
