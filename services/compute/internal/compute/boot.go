package compute

import (
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"sigs.k8s.io/yaml"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// Boot is what a machine is told when it boots: to what it belongs and what it
// is to be. There is no secret in it, since everything on the machine can read
// it: a machine proves who it is by its instance profile. The same Boot always
// gives the same text.
type Boot struct {
	Cluster           string
	Role              string
	Pool              string
	KubernetesVersion string
	API               *graph.Dependency
	Labels            map[string]string
}

// nodePath is the file that a machine finds it in.
const nodePath = "/etc/skep/node.yaml"

// nodeFile is what stands in that file.
type nodeFile struct {
	Cluster           string            `json:"cluster"`
	Role              string            `json:"role"`
	Pool              string            `json:"pool,omitempty"`
	KubernetesVersion string            `json:"kubernetesVersion"`
	APIHost           string            `json:"apiHost"`
	Labels            map[string]string `json:"labels,omitempty"`
}

// cloudConfig is the part of cloud-init's format that Flatcar reads too.
type cloudConfig struct {
	WriteFiles []writeFile `json:"write_files"`
}

type writeFile struct {
	Path        string `json:"path"`
	Permissions string `json:"permissions"`
	Content     string `json:"content"`
}

// userData is the cloud-config as EC2 takes it. It stays far below the 16 KiB
// that EC2 takes.
func (b *Boot) userData() (*string, error) {
	file, err := yaml.Marshal(nodeFile{
		Cluster: b.Cluster, Role: b.Role, Pool: b.Pool, KubernetesVersion: b.KubernetesVersion, APIHost: b.API.Value, Labels: b.Labels,
	})
	if err != nil {
		return nil, fmt.Errorf("write node file: %w", err)
	}
	config, err := yaml.Marshal(cloudConfig{WriteFiles: []writeFile{{Path: nodePath, Permissions: "0644", Content: string(file)}}})
	if err != nil {
		return nil, fmt.Errorf("write user data: %w", err)
	}
	return aws.String(base64.StdEncoding.EncodeToString(append([]byte("#cloud-config\n"), config...))), nil
}
