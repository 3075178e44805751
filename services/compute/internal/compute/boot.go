package compute

import (
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"sigs.k8s.io/yaml"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// Boot is the configuration that a machine reads when it boots: its cluster and its role in it. It contains no
// secret, because every process on the machine can read it; a machine authenticates with its instance profile. The
// user data is a pure function of Boot, so it changes only if a field changes.
type Boot struct {
	Cluster           string
	Role              string
	Pool              string
	KubernetesVersion string
	API               *graph.Dependency
	Labels            map[string]string
}

// nodePath is the path of the file with the configuration on the machine.
const nodePath = "/etc/skep/node.yaml"

// nodeFile is the content of that file.
type nodeFile struct {
	Cluster           string            `json:"cluster"`
	Role              string            `json:"role"`
	Pool              string            `json:"pool,omitempty"`
	KubernetesVersion string            `json:"kubernetesVersion"`
	APIHost           string            `json:"apiHost"`
	Labels            map[string]string `json:"labels,omitempty"`
}

// cloudConfig is the subset of cloud-config, the format of cloud-init, that Flatcar supports too.
type cloudConfig struct {
	WriteFiles []writeFile `json:"write_files"`
}

type writeFile struct {
	Path        string `json:"path"`
	Permissions string `json:"permissions"`
	Content     string `json:"content"`
}

// userData returns the user data: a cloud-config, in base64 as EC2 expects it. It stays far below the limit of
// EC2, 16 KiB.
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
