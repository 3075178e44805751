package aws

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

// root is the principal behind the standing key of an account.
const root = "root"

// session is a set of temporary credentials: whose they are and until when.
type session struct {
	Account, Role string
	Expires       time.Time
}

func (s session) owner() string                        { return s.Account }
func (s session) text(_ func(id string) string) string { return s.Role }

var sessions = register(kind[session]{service: "STS", name: "Session", shared: true, hidden: true})

// AccessKey is the standing key id of an account, which is twelve digits; anything else panics.
func (w *World) AccessKey(account string) string {
	if !accountID.MatchString(account) {
		panic(fmt.Sprintf("awssim: account %q is not twelve digits", account))
	}
	return "AKIA0000" + account
}

// mint makes temporary credentials of a role. The life of credentials is not scaled: callers read it off the clock.
func (c *call) mint(account, role string, life time.Duration) aws.Credentials {
	expires := c.now().Add(life)
	key := "ASIA" + strings.ToUpper(c.serial("session", 16))
	r := sessions.create(c, key, session{Account: account, Role: role, Expires: expires}, nil)
	r.GoneAt = expires.Add(time.Hour)
	sessions.put(c, r)
	return aws.Credentials{
		AccessKeyID: key, SecretAccessKey: "secret", SessionToken: "session-" + key,
		CanExpire: true, Expires: expires, AccountID: account,
	}
}

// identify tells from the signature of a request who calls, and where.
func (w *World) identify(authorization string) (account, region, principal string, err error) {
	match := signature.FindStringSubmatch(authorization)
	if match == nil {
		return "", "", "", refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	key, region := match[1], match[2]
	if account, standing := strings.CutPrefix(key, "AKIA0000"); standing && accountID.MatchString(account) {
		return account, region, root, nil
	}
	r, found := sessions.in(w, scope{}).byID[key]
	switch {
	case !found:
		return "", "", "", errUnknownKey
	case !w.now().Before(r.Data.Expires):
		return "", "", "", refuse("ExpiredToken", "The security token included in the request is expired")
	}
	return r.Data.Account, region, r.Data.Role, nil
}
