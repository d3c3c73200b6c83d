from lib import *
d=box('a1')
csv(d+'/a.csv',[['STT','Tên nhiệm vụ','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái'],
 [1,'Báo cáo kết quả chuyển đổi số','Sở Tài chính','28/02/2022','Đang thực hiện'],
 [2,'Xây dựng kế hoạch cải cách','Sở Xây dựng','15/02/2022','Đang thực hiện']]); mt(d+'/a.csv','2022-02-10 08:00')
run(d,'import','a.csv')
csv(d+'/b.csv',[['STT','Tên nhiệm vụ','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái'],
 [1,'Báo cáo kết quả chuyển đổi số','Sở Tài chính','28/02/2022','Đã hoàn thành'],
 [2,'Xây dựng kế hoạch cải cách','Sở Xây dựng','15/02/2022','Đang thực hiện']]); mt(d+'/b.csv','2022-02-20 08:00')
run(d,'import','b.csv'); 
print(q(d,"select name from sqlite_master where type='table'"))
run(d,'quarantine','list')
run(d,'detect'); print(q(d,"select source_id,name from task")); print(q(d,"select * from finding"))
