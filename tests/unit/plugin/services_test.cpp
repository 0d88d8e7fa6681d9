#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/services/signature_algorithm.h"
#include "core/plugin/services/store.h"
#include "core/tls/gnutls_handle.h"
#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {
namespace {

namespace fs = std::filesystem;

class SetClock final : public Clock {
public:
    [[nodiscard]] std::uint64_t monotonic_ns() const override { return 42; }
    [[nodiscard]] std::int64_t wall_seconds() const override { return 4'000'000'000; }
};

struct Host {
    Host() {
        std::string name = (fs::temp_directory_path() / "postern-services-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        environment = std::make_unique<Environment>(clock, pool, folder.string());
        HostContext context;
        context.plugin_id = "org.example.x";
        context.short_name = "x-1";
        context.listener = "main";
        handle = std::make_unique<HostHandle>(*environment, context);
    }
    ~Host() {
        handle.reset();
        environment.reset();
        fs::remove_all(folder);
    }
    template <class Table>
    const Table& service(const char* id) const {
        return *static_cast<const Table*>(handle->get_service(handle.get(), id));
    }

    SetClock clock;
    fs::path folder;
    WorkerPool pool{2, 64};
    std::unique_ptr<Environment> environment;
    std::unique_ptr<HostHandle> handle;
};

postern_str text(const char* value) {
    return {value, std::strlen(value)};
}
postern_bytes blob(ByteView value) {
    return {value.data(), value.size()};
}

// A key, its SPKI, and what it says to "hello".
struct Signer {
    Signer(gnutls_pk_algorithm_t type, unsigned bits, gnutls_sign_algorithm_t how) {
        gnutls_privkey_t made = nullptr;
        gnutls_privkey_init(&made);
        key.reset(made);
        BOOST_REQUIRE(gnutls_privkey_generate(made, type, bits, 0) == 0);
        gnutls_pubkey_t shown = nullptr;
        gnutls_pubkey_init(&shown);
        const tls::PublicKeyOwner owner(shown);
        gnutls_pubkey_import_privkey(shown, made, 0, 0);
        tls::GnutlsDatum der;
        gnutls_pubkey_export2(shown, GNUTLS_X509_FMT_DER, der.out());
        spki.assign(der.view().begin(), der.view().end());
        const gnutls_datum_t data = tls::datum_of(as_bytes("hello"));
        tls::GnutlsDatum signed_data;
        BOOST_REQUIRE(gnutls_privkey_sign_data2(made, how, 0, &data, signed_data.out()) == 0);
        signature.assign(signed_data.view().begin(), signed_data.view().end());
    }
    tls::AbstractKeyOwner key;
    Bytes spki;
    Bytes signature;
};

Bytes hex(const char* digits) {
    return *from_hex(digits);
}
const Bytes kRsaSha256 = hex("300d06092a864886f70d01010b0500");
const Bytes kEcdsaSha256 = hex("300a06082a8648ce3d040302");
const Bytes kEd25519 = hex("300506032b6570");
const Bytes kPssSha256 = hex(
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d0101"
    "08300d06096086480165030402010500a203020120");

postern_rc verify(const Host& host, const Signer& signer, const Bytes& algorithm,
                  const char* message) {
    const auto& crypto = host.service<postern_crypto>(POSTERN_SERVICE_CRYPTO);
    std::uint64_t handle = 0;
    const postern_rc rc =
        crypto.verify_begin(host.handle.get(), blob(signer.spki), blob(algorithm), &handle);
    if (rc != POSTERN_OK) return rc;
    for (const char* at = message; *at != '\0'; ++at) {
        crypto.verify_update(host.handle.get(), handle, blob(as_bytes(std::string_view(at, 1))));
    }
    const postern_rc end = crypto.verify_finish(host.handle.get(), handle, blob(signer.signature));
    BOOST_TEST(crypto.verify_finish(host.handle.get(), handle, blob(signer.signature)) ==
               POSTERN_E_STALE);
    return end;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(services)

BOOST_AUTO_TEST_CASE(signatures_in_pieces_are_those_of_the_key_or_not) {
    const Host host;
    const std::pair<Signer, Bytes> cases[] = {
        {Signer(GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_SHA256), kRsaSha256},
        {Signer(GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_PSS_SHA256), kPssSha256},
        {Signer(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                GNUTLS_SIGN_ECDSA_SHA256),
         kEcdsaSha256},
        {Signer(GNUTLS_PK_EDDSA_ED25519, 0, GNUTLS_SIGN_EDDSA_ED25519), kEd25519}};
    for (const auto& [signer, algorithm] : cases) {
        BOOST_TEST(verify(host, signer, algorithm, "hello") == POSTERN_OK);
        BOOST_TEST(verify(host, signer, algorithm, "hellp") == POSTERN_E_INVALID);
        BOOST_TEST(verify(host, signer, algorithm, "") == POSTERN_E_INVALID);
    }
    // A key of another kind than the algorithm's.
    BOOST_TEST(verify(host, cases[2].first, kRsaSha256, "hello") == POSTERN_E_INVALID);
    BOOST_TEST(verify(host, cases[0].first, kPssSha256, "hello") == POSTERN_E_INVALID);
}

BOOST_AUTO_TEST_CASE(weak_algorithms_and_keys_are_denied) {
    const Host host;
    const Signer small(GNUTLS_PK_RSA, 1024, GNUTLS_SIGN_RSA_SHA256);
    BOOST_TEST(verify(host, small, kRsaSha256, "hello") == POSTERN_E_DENIED);
    const auto fault = [](const char* der) { return parse_signature_algorithm(hex(der)).fault; };
    BOOST_TEST((fault("300d06092a864886f70d0101040500") == AlgorithmFault::weak));  // MD5
    BOOST_TEST((fault("300d06092a864886f70d0101050500") == AlgorithmFault::weak));  // SHA-1
    BOOST_TEST((fault("300906072a8648ce3d0401") == AlgorithmFault::weak));
    BOOST_TEST((fault("300d06092a864886f70d01010a3000") == AlgorithmFault::weak));  // PSS's default
}

BOOST_AUTO_TEST_CASE(algorithm_identifiers_are_read_strictly) {
    const auto fault = [](const Bytes& der) { return parse_signature_algorithm(der).fault; };
    for (const Bytes& good : {kRsaSha256, kEcdsaSha256, kEd25519, kPssSha256}) {
        BOOST_TEST((fault(good) == AlgorithmFault::none));
        Bytes longer = good;
        longer.push_back(0);
        BOOST_TEST((fault(longer) == AlgorithmFault::malformed));
        for (std::size_t size = 0; size < good.size(); ++size) {
            BOOST_TEST((fault(Bytes(good.begin(), good.begin() + static_cast<long>(size))) !=
                        AlgorithmFault::none));
        }
    }
    BOOST_TEST((fault(hex("300706032b65700500")) == AlgorithmFault::malformed));
    BOOST_TEST((fault(hex("300506032a0304")) == AlgorithmFault::unknown));
    BOOST_TEST((fault(hex("30810506032b6570")) == AlgorithmFault::malformed));
}

BOOST_AUTO_TEST_CASE(digests_match_and_broken_ones_are_not_computed) {
    const Host host;
    const auto& crypto = host.service<postern_crypto>(POSTERN_SERVICE_CRYPTO);
    Digest256 out{};
    std::size_t size = out.size();
    BOOST_TEST(crypto.digest(host.handle.get(), POSTERN_DIGEST_SHA256, blob(as_bytes("abc")),
                             out.data(), &size) == POSTERN_OK);
    BOOST_TEST(to_hex(out) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    size = 31;
    BOOST_TEST(crypto.digest(host.handle.get(), POSTERN_DIGEST_SHA256, blob({}), out.data(),
                             &size) == POSTERN_E_INVALID);
    BOOST_TEST(crypto.digest(host.handle.get(), POSTERN_DIGEST_MD5, blob({}), out.data(), &size) ==
               POSTERN_E_DENIED);
}

BOOST_AUTO_TEST_CASE(stored_values_come_back_and_bad_keys_do_not_go_in) {
    const Host host;
    const postern_host* raw = host.handle.get();
    const auto& store = host.service<postern_store>(POSTERN_SERVICE_STORE);
    const auto read = [](void* user, postern_bytes value) {
        static_cast<std::string*>(user)->assign(as_text({value.data, value.size}));
        return POSTERN_OK;
    };
    std::string got;
    BOOST_TEST(store.get(raw, text("a"), read, &got) == POSTERN_E_NOT_FOUND);
    BOOST_TEST(store.erase(raw, text("a")) == POSTERN_E_NOT_FOUND);
    BOOST_TEST(store.put(raw, text("a"), blob(as_bytes("one"))) == POSTERN_OK);
    BOOST_TEST(store.put(raw, text("a"), blob(as_bytes("two"))) == POSTERN_OK);
    BOOST_TEST(store.get(raw, text("a"), read, &got) == POSTERN_OK);
    BOOST_TEST(got == "two");
    for (const char* bad : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "\xc3\xa4"}) {
        BOOST_TEST(store.put(raw, text(bad), blob({})) == POSTERN_E_INVALID);
    }
    BOOST_TEST(store.put(raw, text(std::string(201, 'a').c_str()), blob({})) == POSTERN_E_INVALID);
    const fs::path folder = host.folder / "org.example.x" / "main";
    BOOST_TEST(host_context(raw).store_directory == folder.string());
    struct stat status {};
    BOOST_REQUIRE(::stat(folder.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0700u);
    int keys = 0;
    const auto count = [](void* user, postern_str) {
        ++*static_cast<int*>(user);
        return POSTERN_OK;
    };
    BOOST_TEST(store.each(raw, count, &keys) == POSTERN_OK);
    BOOST_TEST(keys == 1);
    BOOST_TEST(store.create(raw, text("a"), blob(as_bytes("three"))) == POSTERN_E_BUSY);
    BOOST_TEST(store.get(raw, text("a"), read, &got) == POSTERN_OK);
    BOOST_TEST(got == "two");
    BOOST_TEST(store.create(raw, text("c"), blob(as_bytes("one"))) == POSTERN_OK);
    BOOST_TEST(store.erase(raw, text("c")) == POSTERN_OK);
    fs::permissions(folder, fs::perms(0770));
    BOOST_TEST(store.put(raw, text("b"), blob({})) == POSTERN_E_DENIED);
    BOOST_TEST(store.open(raw, text("pins")) == POSTERN_OK);
    BOOST_TEST(store.open(raw, text("again")) == POSTERN_E_INVALID);
    BOOST_TEST(store.put(raw, text("b"), blob({})) == POSTERN_OK);
    BOOST_TEST(fs::exists(host.folder / "pins" / "b"));
}

BOOST_AUTO_TEST_CASE(metrics_have_checked_names_a_prefix_and_one_kind) {
    const Host host;
    const postern_host* raw = host.handle.get();
    const auto& metrics = host.service<postern_metrics>(POSTERN_SERVICE_METRICS);
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    BOOST_TEST(metrics.define(raw, POSTERN_METRIC_COUNTER, text("hits"), text("Hits."), &first) ==
               POSTERN_OK);
    BOOST_TEST(metrics.define(raw, POSTERN_METRIC_COUNTER, text("hits"), text(""), &second) ==
               POSTERN_OK);
    BOOST_TEST(first == second);
    BOOST_TEST(metrics.define(raw, POSTERN_METRIC_GAUGE, text("hits"), text(""), &second) !=
               POSTERN_OK);
    for (const char* bad : {"", "Hits", "1x", "a-b", "a\nb"}) {
        BOOST_TEST(metrics.define(raw, POSTERN_METRIC_GAUGE, text(bad), text(""), &second) ==
                   POSTERN_E_INVALID);
    }
    metrics.add(raw, first, 3);
    metrics.add(raw, first, -1);
    metrics.add(raw, 9999, 1);
    bool found = false;
    for (const MetricValue& value : host.environment->metrics()) {
        if (value.name != "postern_plugin_x_1_hits") continue;
        found = true;
        BOOST_TEST(value.value == 3);
    }
    BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(log_lines_above_the_quota_are_dropped_and_counted) {
    LogQuota quota;
    std::uint32_t admitted = 0;
    for (std::uint32_t i = 0; i < LogQuota::kLines + 5; ++i) {
        admitted += quota.admit(LogQuota::kWindow).admitted;
    }
    BOOST_TEST(admitted == LogQuota::kLines);
    const auto next = quota.admit(2 * LogQuota::kWindow);
    BOOST_TEST(next.admitted);
    BOOST_TEST(next.dropped == 5u);
    BOOST_TEST(quota.admit(2 * LogQuota::kWindow).dropped == 0u);
}

BOOST_AUTO_TEST_CASE(clock_is_the_environments) {
    const Host host;
    const auto& clock = host.service<postern_clock>(POSTERN_SERVICE_CLOCK);
    BOOST_TEST(clock.monotonic_ns(host.handle.get()) == 42u);
    BOOST_TEST(clock.wall_seconds(host.handle.get()) == 4'000'000'000);
}

BOOST_AUTO_TEST_CASE(cancelled_timer_neither_runs_nor_will) {
    const Host host;
    const postern_host* raw = host.handle.get();
    const auto& executor = host.service<postern_executor>(POSTERN_SERVICE_EXECUTOR);
    struct Counted {
        std::mutex mutex;
        std::condition_variable changed;
        int runs = 0;
    } counted;
    const auto run = [](void* user) {
        auto& counter = *static_cast<Counted*>(user);
        const std::lock_guard lock(counter.mutex);
        ++counter.runs;
        counter.changed.notify_all();
    };
    const auto wait_for = [&](int runs) {
        std::unique_lock lock(counted.mutex);
        return counted.changed.wait_for(lock, std::chrono::seconds(10),
                                        [&] { return counted.runs >= runs; });
    };
    std::uint64_t timer = 0;
    BOOST_TEST(executor.after(raw, 1000, 1000, run, &counted, &timer) == POSTERN_OK);
    BOOST_TEST(wait_for(3));
    executor.cancel(raw, timer);
    const int seen = counted.runs;  // nobody else touches it any more
    executor.cancel(raw, timer);
    BOOST_TEST(executor.post(raw, run, &counted) == POSTERN_OK);
    BOOST_TEST(wait_for(seen + 1));
    host.handle->tasks->close();
    BOOST_TEST(
        host.handle->tasks->settle(std::chrono::steady_clock::now() + std::chrono::seconds(10)));
    BOOST_TEST(executor.post(raw, run, &counted) == POSTERN_E_BUSY);
    BOOST_TEST(counted.runs == seen + 1);
}

BOOST_AUTO_TEST_CASE(another_file_is_read_at_any_time_and_what_is_wrong_has_its_place) {
    const Host host;
    const std::string path = (host.folder / "more.toml").string();
    const auto read = [&](const char* content) {
        std::ofstream(path) << content;
        std::vector<std::string> errors;
        const postern_rc rc = config_service()->read_file(
            host.handle.get(), {path.data(), path.size()},
            [](void*, const postern_node* root) -> postern_rc {
                const postern_config& config = *config_service();
                std::int64_t limit = 0;
                return config.as_integer(config.member(root, text("limit")), &limit);
            },
            [](void* user, postern_str error) {
                static_cast<std::vector<std::string>*>(user)->emplace_back(error.data, error.size);
            },
            &errors);
        BOOST_TEST((rc == POSTERN_OK) == errors.empty());
        return errors.empty() ? std::string() : errors.front();
    };
    BOOST_TEST(read("limit = 3") == "");
    BOOST_TEST(read("\nlimit = true") ==
               path + ":2:1: limit: expected an integer, found a boolean");
    BOOST_TEST(read("limit = 3\nlimits = 4") ==
               path + ":2:1: limits: unknown key; did you mean \"limit\"?");
    BOOST_TEST(read("limit =").starts_with(path + ":1:"));
    fs::remove(path);
    BOOST_TEST(ConfigReading::current() == nullptr);
    BOOST_TEST(config_service()->read_file(host.handle.get(), text("relative.toml"), nullptr,
                                           nullptr, nullptr) == POSTERN_E_INVALID);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
