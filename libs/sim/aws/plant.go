package aws

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Site is a VPC and the cluster in it.
type Site struct {
	Account, Region string
	VPC             string // id
	Cluster         string // as the controllers in the cluster know it
}

// Fixture is a group of resources that a test puts into a VPC and that Skep did not create.
type Fixture struct {
	// Name says what it is and who creates it.
	Name string
	// Foreign means that it belongs neither to the cluster nor to a controller of the cluster. Skep must not touch it.
	Foreign bool
	// Data means that it may hold data that people want back.
	Data bool

	create func(s *site, suffix string) error
}

// All returns all fixtures.
func All() []Fixture {
	return slices.Concat(loadBalancerFixtures, interfaceFixtures, machineFixtures, foreignFixtures)
}

// Put creates one instance of the fixture in the VPC of the site. It returns an error if AWS would refuse that, and if the
// journal cannot be written.
func (f Fixture) Put(e *engine.Engine, at Site) error {
	principal := "cluster-controllers"
	if f.Foreign {
		principal = "somebody"
	}
	err := e.Do(principal, engine.Scope{Account: at.Account, Region: at.Region}, func(c *engine.Call) error {
		c.AdvanceSerial()
		return f.create(&site{Call: c, Site: at}, fmt.Sprintf("%06x", c.Sequence()))
	})
	if err != nil {
		return fmt.Errorf("put %s: %w", f.Name, err)
	}
	return nil
}

// site is a Site during the call that creates a fixture.
type site struct {
	*engine.Call
	Site
}

// ownedTags returns the tags that mark a resource as the cluster's, in the form of the first cloud provider, which all
// controllers have kept.
func (s *site) ownedTags(more map[string]string) map[string]string {
	tags := map[string]string{"kubernetes.io/cluster/" + s.Cluster: "owned"}
	maps.Copy(tags, more)
	return tags
}

// subnetPerZone returns one subnet for each zone, sorted by zone: subnets with the role tag, or any if none has it.
func (s *site) subnetPerZone(role string) (ids []string) {
	all := subnets.OwnedBy(s.Call, s.VPC)
	slices.SortStableFunc(all, func(a, b *engine.Resource[subnet]) int { return cmp.Compare(a.Data.Zone.Name, b.Data.Zone.Name) })
	tagged := slices.DeleteFunc(slices.Clone(all), func(r *engine.Resource[subnet]) bool { return r.Tags[role] == "" })
	if len(tagged) == 0 {
		tagged = all
	}
	zones := map[string]bool{}
	for _, r := range tagged {
		if !zones[r.Data.Zone.Name] {
			ids = append(ids, r.ID)
		}
		zones[r.Data.Zone.Name] = true
	}
	return ids
}

func (s *site) publicSubnets() []string  { return s.subnetPerZone("kubernetes.io/role/elb") }
func (s *site) privateSubnets() []string { return s.subnetPerZone("kubernetes.io/role/internal-elb") }

// nodeGroup returns the security group of the nodes, or the default group if there is none.
func (s *site) nodeGroup() string {
	for _, r := range securityGroups.OwnedBy(s.Call, s.VPC) {
		if strings.HasSuffix(r.Data.GroupName, "-node") {
			return r.ID
		}
	}
	return defaultGroup(s.Call, s.VPC).ID
}

// newSecurityGroup creates a security group and returns its id.
func (s *site) newSecurityGroup(name, description string, tags map[string]string) (string, error) {
	out, err := createSecurityGroup(s.Call, &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: &description, VpcId: &s.VPC, TagSpecifications: tagSpecification(types.ResourceTypeSecurityGroup, tags),
	})
	if err != nil {
		return "", err
	}
	return *out.GroupId, nil
}

// allow adds an ingress rule to a group that names another group as source. The rule prevents the delete of the source.
func (s *site) allow(to, from string, port int32) error {
	_, err := authorize(s.Call, &to, false, []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(port), ToPort: aws.Int32(port),
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &from, Description: aws.String("elbv2.k8s.aws/targetGroupBinding=shared")}},
	}}, nil)
	return err
}

// tagSpecification returns tags in the form that the create calls of EC2 take.
func tagSpecification(resource types.ResourceType, tags map[string]string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: resource, Tags: ec2Tags(tags)}}
}
