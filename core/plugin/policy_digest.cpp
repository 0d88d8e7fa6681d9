#include "core/plugin/policy_digest.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/plugin/pipeline_state.h"
#include "core/tls/digest.h"

namespace postern::plugin {
namespace {

// Every item with its length in front, so that no two sequences look the same.
class Canonical {
public:
    void add(std::string_view text) {
        add(static_cast<std::uint64_t>(text.size()));
        const ByteView bytes = as_bytes(text);
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void add(std::uint64_t number) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes_.push_back(static_cast<std::uint8_t>(number >> shift));
        }
    }
    void add(const config::Node& node) {
        add(static_cast<std::uint64_t>(node.type()));
        std::visit([this](const auto& value) { add_value(value); }, node.value());
    }

    [[nodiscard]] ByteView bytes() const { return bytes_; }

private:
    void add_value(const config::Node::Table& table) {
        std::vector<const config::Node::Table::value_type*> sorted;
        for (const auto& member : table) sorted.push_back(&member);
        std::sort(sorted.begin(), sorted.end(),
                  [](const auto* a, const auto* b) { return a->first < b->first; });
        add(static_cast<std::uint64_t>(sorted.size()));
        for (const auto* member : sorted) {
            add(std::string_view(member->first));
            add(*member->second);
        }
    }
    void add_value(const config::Node::Array& array) {
        add(static_cast<std::uint64_t>(array.size()));
        for (const auto& element : array) add(*element);
    }
    void add_value(const std::string& text) { add(std::string_view(text)); }
    void add_value(std::int64_t number) { add(static_cast<std::uint64_t>(number)); }
    void add_value(double number) {
        std::uint64_t bits = 0;
        static_assert(sizeof bits == sizeof number);
        std::memcpy(&bits, &number, sizeof bits);
        add(bits);
    }
    void add_value(bool value) { add(std::uint64_t{value}); }
    void add_value(const config::Node::DateTime& time) {
        add(static_cast<std::uint64_t>(time.seconds));
    }

    Bytes bytes_;
};

void add_settings(Canonical& canonical, const PipelineSeat& seat) {
    const config::PipelineEntry& settings = seat.settings;
    canonical.add(std::string_view(seat.plugin_id));
    canonical.add(std::string_view(seat.instances.front()->version()));
    canonical.add(static_cast<std::uint64_t>(settings.mode));
    canonical.add(static_cast<std::uint64_t>(settings.on_error));
    canonical.add(static_cast<std::uint64_t>(settings.on_timeout));
    canonical.add(static_cast<std::uint64_t>(settings.failure_mode.value_or(config::Answer::deny)));
}

}  // namespace

Result<Digest256> digest_of(const Pipeline::State& pipeline) {
    Canonical canonical;
    canonical.add(static_cast<std::uint64_t>(pipeline.entries.size()));
    for (const PipelineSeat& seat : pipeline.entries) {
        add_settings(canonical, seat);
        for (const std::shared_ptr<Instance>& instance : seat.instances) {
            auto own = instance->policy_digest();
            if (!own) {
                return Error{own.error().fault,
                             "plugin \"" + seat.settings.plugin + "\": " + own.error().message};
            }
            canonical.add(std::uint64_t{own->has_value()});
            if (*own) canonical.add(as_text(**own));
            if (!*own) canonical.add(*seat.settings.config);
        }
    }
    return tls::sha256(canonical.bytes());
}

}  // namespace postern::plugin
