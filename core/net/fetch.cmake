# postern.fetch/1: the one place that uses libcurl.
add_library(postern_fetch STATIC address_policy.cpp fetch.cpp fetch_engine.cpp fetch_transfer.cpp)
target_include_directories(postern_fetch PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/sdk/include)
target_link_libraries(postern_fetch PUBLIC postern_plugin postern_http postern_config postern_base
  PkgConfig::CURL PRIVATE postern_build_options Threads::Threads)
