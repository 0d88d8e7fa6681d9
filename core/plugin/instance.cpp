#include "core/plugin/instance.h"

#include <chrono>
#include <utility>

#include "core/plugin/adopt.h"
#include "core/plugin/call_scope.h"

namespace postern::plugin {
namespace {

constexpr std::uint64_t kSlowCall = 50'000'000;

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += text.empty() ? line : "\n" + line;
    return text;
}

}  // namespace

Result<std::shared_ptr<Instance>> Instance::create(Environment& environment,
                                                   const LoadedModule& module,
                                                   const postern_descriptor& descriptor,
                                                   HostContext context,
                                                   config::Node::Shared configuration) {
    const std::shared_ptr<Instance> made(
        new Instance(environment, descriptor, std::move(context), std::move(configuration)));
    postern_instance theirs{};
    theirs.struct_size = sizeof theirs;
    const postern_rc rc = made->guarded_call(
        "create", [&] { return module.module.create(&made->handle_, descriptor.id, &theirs); });
    if (rc != POSTERN_OK) return made->failed("create", rc);
    const auto mine = adopt(&theirs, POSTERN_THROUGH(postern_instance, get_interface));
    if (!mine || mine->get_interface == nullptr || mine->destroy == nullptr) {
        return configuration_error("create() gave an instance without get_interface or destroy");
    }
    made->instance_ = *mine;
    made->created_ = true;

    std::optional<Result<Interfaces>> tables;
    static_cast<void>(made->guarded_call("get_interface", [&] {
        tables = adopt_interfaces(descriptor, made->instance_);
        return POSTERN_OK;
    }));
    if (!tables) return configuration_error("get_interface() threw an exception");
    if (!*tables) return tables->error();
    made->interfaces_ = tables->value();
    return made;
}

Instance::Instance(Environment& environment, const postern_descriptor& descriptor,
                   HostContext context, config::Node::Shared configuration)
    : handle_(environment, std::move(context)),
      configuration_(std::move(configuration)),
      version_(descriptor.version),
      thread_model_(descriptor.thread_model) {
    handle_.context.configuration = configuration_.get();
}

Instance::~Instance() {
    destroy();
}

Result<void> Instance::configure() {
    ConfigReading& reading = handle_.reading;
    if (instance_.configure != nullptr) {
        reading.begin();
        const postern_rc rc = guarded_call("configure", [this] {
            return instance_.configure(instance_.self, handle_of(configuration_.get()));
        });
        reading.end();
        if (rc != POSTERN_OK && reading.errors().empty()) return failed("configure", rc);
    }
    // A key nobody asked for may be why something else is missing, so both are said.
    std::vector<std::string> errors = reading.errors();
    for (std::string& unknown : config::unknown_keys(*configuration_)) {
        errors.push_back(std::move(unknown));
    }
    if (!errors.empty()) return configuration_error(joined(errors));
    return {};
}

Result<void> Instance::start() {
    if (instance_.start != nullptr) {
        const postern_rc rc =
            guarded_call("start", [this] { return instance_.start(instance_.self); });
        if (rc != POSTERN_OK) return failed("start", rc);
    }
    if (thread_model_ == POSTERN_THREADS_SERIAL) serial_ = std::make_unique<SerialThread>();
    started_ = true;
    return {};
}

Result<std::optional<Digest256>> Instance::policy_digest() {
    if (instance_.policy_digest == nullptr) return std::optional<Digest256>();
    Digest256 digest{};
    const postern_rc rc = guarded_call(
        "policy_digest", [&] { return instance_.policy_digest(instance_.self, digest.data()); });
    if (rc != POSTERN_OK) return failed("policy_digest", rc);
    return std::optional<Digest256>(digest);
}

postern_rc Instance::ask(const Ask& ask, postern_verdict* out) {
    const postern_call* call = &ask.call;
    const AskInput& input = *ask.input;
    void* self = instance_.self;
    return hook("a hook", [&]() -> postern_rc {
        switch (ask.kind) {
            case AskKind::limiter:
                return interfaces_.limiter->acquire(self, call, &input.quota, out);
            case AskKind::revocation:
                return interfaces_.revocation->check(self, call, &input.certificate, out);
            case AskKind::pinning:
                return input.phase == POSTERN_PHASE_ESTABLISHED
                           ? interfaces_.pinning->on_established(self, call, &input.session, out)
                           : interfaces_.pinning->evaluate(self, call, &input.certificate, out);
            case AskKind::validator:
                break;
        }
        const postern_validator& table = *interfaces_.validator;
        switch (input.phase) {
            case POSTERN_PHASE_ACCEPT:
                return table.on_accept(self, call, out);
            case POSTERN_PHASE_CLIENT_HELLO:
                return table.on_client_hello(self, call, &input.hello, out);
            case POSTERN_PHASE_PEER_CERTIFICATE:
                return table.on_peer_certificate(self, call, &input.certificate, out);
            case POSTERN_PHASE_ESTABLISHED:
                return table.on_established(self, call, &input.session, out);
            default:
                return table.on_request(self, call, &input.request, out);
        }
    });
}

void Instance::release(const postern_call& call, const postern_quota_request& request) {
    if (interfaces_.limiter->release == nullptr) return;
    hook("release", [&] {
        interfaces_.limiter->release(instance_.self, &call, &request);
        return POSTERN_OK;
    });
}

void Instance::on_close(const postern_call& call, const postern_close& info) {
    if (!interfaces_.validator || interfaces_.validator->on_close == nullptr) return;
    hook("on_close", [&] {
        interfaces_.validator->on_close(instance_.self, &call, &info);
        return POSTERN_OK;
    });
}

void Instance::cancel(postern_op op) {
    if (instance_.cancel == nullptr) return;
    // [any], so on the loop for SERIAL, too; there it must not block either.
    guarded_call("cancel", [&] {
        instance_.cancel(instance_.self, op);
        return POSTERN_OK;
    });
}

bool Instance::try_retire() {
    if (!created_) return true;
    if (started_ && !std::exchange(drained_, true) && instance_.drain != nullptr) {
        guarded_call("drain", [this] {
            instance_.drain(instance_.self);
            return POSTERN_OK;
        });
    }
    if (connections_.load(std::memory_order_acquire) != 0) return false;
    if (handle_.operations.outstanding() != 0) return false;
    handle_.tasks->close();
    const auto now = std::chrono::steady_clock::now();
    if (!handle_.tasks->settle(now)) return false;
    if (serial_ && !serial_->stop(now)) return false;
    destroy();
    return true;
}

void Instance::destroy() {
    if (!std::exchange(created_, false)) return;
    guarded_call("destroy", [this] {
        instance_.destroy(instance_.self);
        return POSTERN_OK;
    });
    handle_.tasks->close();
}

Error Instance::failed(const char* step, postern_rc rc) {
    const std::string why = handle_.error.empty() ? "code " + std::to_string(rc) : handle_.error;
    return configuration_error(std::string(step) + "() failed: " + why);
}

template <class Call>
postern_rc Instance::guarded_call(const char* what, Call call) {
    const CallScope scope(handle_.context.plugin_id.c_str());
    try {
        return call();
    } catch (...) {
        handle_.misbehaves(std::string(what) + " threw an exception");
        return POSTERN_E_INTERNAL;
    }
}

template <class Call>
postern_rc Instance::hook(const char* what, Call call) {
    const CallScope scope(handle_.context.plugin_id.c_str());
    postern_rc rc = POSTERN_E_INTERNAL;
    try {
        rc = call();
    } catch (...) {
        handle_.misbehaves(std::string(what) + " threw an exception");
    }
    if (!serial_ && scope.elapsed_ns() > kSlowCall) {
        handle_.count(handle_.counters.slow);
        handle_.misbehaves(std::string(what) + " held an event loop for more than 50 ms");
    }
    return rc;
}

}  // namespace postern::plugin
