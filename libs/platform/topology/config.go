package topology

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed accounts.conf.tmpl
var accountsText string

var accountsTemplate = template.Must(template.New("accounts").Parse(accountsText))

// Environment returns the reference to the password of a user as an environment variable of the NATS server:
// $SKEP_NATS_NETWORK for network, $SKEP_NATS_NETWORK_ADMIN for network-admin.
func Environment(user string) string {
	return "$SKEP_NATS_" + strings.ToUpper(strings.ReplaceAll(user, "-", "_"))
}

// Config renders the accounts of the topology as NATS server configuration: for each service an account with two
// users, and between accounts the exports and imports that mirrors need. The service user may use streams but not
// create, change, purge or delete them; the administrator may. Every user has a password.
//
// password returns the password of a user in the form to write: [Environment] for a file, a quoted value for a server
// inside the process.
func (t Topology) Config(password func(user string) string) string {
	type passage struct{ Account, Stream, Consumer, API, Deliver, Reason string }
	type view struct {
		Service
		Account, Admin, Password, AdminPassword string
		Exports, Imports                        []passage
	}
	pass := func(owner, reader, other, reason string) passage {
		return passage{
			Account: Account(other), Stream: StreamName(t.Bucket(owner)), Consumer: MirrorConsumer(reader),
			API: APIPrefix(owner), Deliver: DeliverSubject(owner, reader), Reason: reason,
		}
	}
	var accounts []view
	for _, s := range t {
		v := view{Service: s, Account: Account(s.Name), Admin: Admin(s.Name), Password: password(s.Name), AdminPassword: password(Admin(s.Name))}
		for _, r := range t.Readers(s.Name) {
			v.Exports = append(v.Exports, pass(s.Name, r.Name, r.Name, ""))
		}
		for _, r := range s.Reads {
			v.Imports = append(v.Imports, pass(r.Service, s.Name, r.Service, r.Reason))
		}
		accounts = append(accounts, v)
	}
	var text strings.Builder
	if err := accountsTemplate.Execute(&text, accounts); err != nil {
		panic(err) // the template and its data are constants of this package
	}
	return text.String()
}
