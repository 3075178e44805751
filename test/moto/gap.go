package moto

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Gap is a behavior of AWS that moto lacks.
type Gap struct {
	// Operation is the operation with the gap.
	Operation string
	// Missing describes the missing behavior; Instead describes how the tests work around it.
	Missing, Instead string

	// request changes the form of a request and reports whether it did; ask queries moto. Nil
	// changes nothing.
	request func(form url.Values, ask func(url.Values) []byte) bool
	// before does in moto what AWS would have done before the call; nil does nothing.
	before func(form url.Values, ask func(url.Values) []byte)
	// after does in moto what AWS would have done in addition to a successful call; nil does
	// nothing.
	after func(form url.Values, ask func(url.Values) []byte)
	// refusal is the error code of AWS where moto answers with a 5xx; empty keeps the answer
	// of moto.
	refusal string
}

// Gaps are the known gaps. Any other failure of moto fails a test.
var Gaps = []Gap{
	{
		Operation: "any", Missing: "safety under concurrent calls: its state is plain dictionaries",
		Instead: "the proxy forwards one call at a time",
	},
	{
		Operation: "DescribeImages", Missing: "the filter root-device-name, which it answers with a 500",
		Instead: "the proxy removes the filter: every image of the tests boots from that device",
		request: func(form url.Values, _ func(url.Values) []byte) bool { return dropFilter(form, "root-device-name") },
	},
	{
		Operation: "AuthorizeSecurityGroupIngress", Missing: "rules of a protocol without ports, such as IP-in-IP, which it answers with a 500",
		Instead: "the proxy sets the port -1, which AWS returns for them",
		request: givePorts,
	},
	{
		Operation: "RevokeSecurityGroupIngress", Missing: "rules of a protocol without ports",
		Instead: "the proxy sets the port -1",
		request: givePorts,
	},
	{
		Operation: "DescribeNetworkInterfaces", Missing: "the removal of the interfaces of deleted NAT gateways and nodes, and the refusal to delete a VPC with interfaces",
		Instead: "the proxy deletes those of terminated nodes, and an inventory omits interfaces without tags whose VPC is deleted; Skep tags its interfaces",
		before:  endInterfaces,
	},
	{
		Operation: "DescribeNatGateways", Missing: "filters by tag: it ignores them and lists all NAT gateways",
		Instead: "the proxy finds the ids by tag and adds them to the request",
		request: findByTag,
	},
	{
		Operation: "DescribeTags", Missing: "the removal of the tags of deleted volumes",
		Instead: "a proof of empty reads these volumes too and finds none: one more call than against AWS",
	},
	{
		Operation: "DeleteSubnet", Missing: "the removal of the association of the subnet with its route table, which blocks the delete of the table",
		Instead: "the proxy deletes the association, as AWS does",
		after:   disassociate,
	},
	{
		Operation: "DeleteSecurityGroup", Missing: "the refusal to delete a group that the rules of another group name",
		Instead: "tests with simulated AWS, which refuses it, check the order of deletes",
	},
	{
		Operation: "CreateAutoScalingGroup", Missing: "nodes with only the disk of their launch template and with its tags: each has a disk of its image too, and no disk has tags",
		Instead: "the tests expect two disks per node, and none after the delete of the nodes",
	},
	{
		Operation: "CreateLaunchTemplateVersion", Missing: "user data in a version: a group that starts nodes of such a version fails with a 500",
		Instead: "the proxy removes it; Skep recognizes the content of a version by its description",
		request: func(form url.Values, _ func(url.Values) []byte) bool {
			return drop(form, "LaunchTemplateData.UserData")
		},
	},
	{
		Operation: "RemoveRoleFromInstanceProfile", Missing: "repetition of the call, which it answers with a 500",
		Instead: "the proxy answers that the profile has no such role, as AWS does",
		refusal: "NoSuchEntity",
	},
	{
		Operation: "ChangeResourceRecordSets", Missing: "the create of a record that was deleted, with the same content, while other records follow it in the zone",
		Instead: "no two clusters of a test have the same name; tests with simulated AWS use a name again",
	},
	{
		Operation: "RunInstances", Missing: "boot times and health checks: instances run at once and boot nothing, and every target of a load balancer is healthy",
		Instead: "a cluster is ready when its instances run and are registered; tests with simulated AWS cover boot times",
	},
	{
		Operation: "CreateLoadBalancer", Missing: "ARNs of network load balancers, which get those of application load balancers, and their network interfaces",
		Instead: "the tests compare ARNs as they are; tests with simulated AWS cover the interfaces",
	},
}

// adapt changes a request for the gaps of its operation and reports whether it did.
func adapt(call Call, form url.Values, ask func(url.Values) []byte) bool {
	changed := false
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.request != nil {
			changed = gap.request(form, ask) || changed
		}
	}
	return changed
}

// prepare calls the before functions of the gaps of an operation.
func prepare(call Call, form url.Values, ask func(url.Values) []byte) {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.before != nil {
			gap.before(form, ask)
		}
	}
}

// finish calls the after functions of the gaps of an operation.
func finish(call Call, form url.Values, ask func(url.Values) []byte) {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.after != nil {
			gap.after(form, ask)
		}
	}
}

// refuse replaces a 5xx of moto by the refusal of AWS, for the gaps of an operation, in the
// format of the query protocol.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
func refuse(call Call, failed answer) answer {
	for _, gap := range Gaps {
		if gap.Operation == call.Operation && gap.refusal != "" && failed.status >= http.StatusInternalServerError {
			text := "<ErrorResponse><Error><Type>Sender</Type><Code>" + gap.refusal + "</Code></Error></ErrorResponse>"
			return answer{status: http.StatusNotFound, header: http.Header{"Content-Type": {"text/xml"}}, text: []byte(text)}
		}
	}
	return failed
}

// disassociate deletes the association of a deleted subnet with its route table.
func disassociate(form url.Values, ask func(url.Values) []byte) {
	subnet := form.Get("SubnetId")
	var tables struct {
		Associations []struct {
			ID     string `xml:"routeTableAssociationId"`
			Subnet string `xml:"subnetId"`
		} `xml:"routeTableSet>item>associationSet>item"`
	}
	text := ask(url.Values{"Action": {"DescribeRouteTables"}, "Version": {form.Get("Version")},
		"Filter.1.Name": {"association.subnet-id"}, "Filter.1.Value.1": {subnet}})
	if err := xml.Unmarshal(text, &tables); err != nil {
		return // There is no such route table.
	}
	for _, association := range tables.Associations {
		if association.Subnet == subnet {
			ask(url.Values{"Action": {"DisassociateRouteTable"}, "Version": {form.Get("Version")}, "AssociationId": {association.ID}})
		}
	}
}

// drop removes a field and reports whether it existed.
func drop(form url.Values, field string) bool {
	found := form.Has(field)
	form.Del(field)
	return found
}

// dropFilter removes a filter from an EC2 query and renumbers the filters after it. It
// reports whether the filter existed.
func dropFilter(form url.Values, name string) bool {
	kept, dropped := 0, false
	for n := 1; form.Has(filter(n) + "Name"); n++ {
		moved := make(url.Values)
		for field, values := range form {
			if rest, ok := strings.CutPrefix(field, filter(n)); ok {
				moved[rest] = values
				form.Del(field)
			}
		}
		if moved.Get("Name") == name {
			dropped = true
			continue
		}
		kept++
		for rest, values := range moved {
			form[filter(kept)+rest] = values
		}
	}
	return dropped
}

// givePorts sets the port -1 in rules of protocols without ports, and reports whether there
// were any.
func givePorts(form url.Values, _ func(url.Values) []byte) bool {
	changed := false
	for n := 1; ; n++ {
		rule := "IpPermissions." + strconv.Itoa(n) + "."
		protocol := form.Get(rule + "IpProtocol")
		if protocol == "" {
			return changed
		}
		if _, err := strconv.Atoi(protocol); err == nil && protocol != "-1" && !form.Has(rule+"FromPort") {
			form.Set(rule+"FromPort", "-1")
			form.Set(rule+"ToPort", "-1")
			changed = true
		}
	}
}
